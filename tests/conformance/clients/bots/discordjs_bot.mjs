// A bot on discord.js.
import {
  ActionRowBuilder, ButtonBuilder, ButtonStyle, ChannelType, Client, EmbedBuilder, Events, GatewayIntentBits, LabelBuilder,
  MessageFlags, ModalBuilder, StringSelectMenuBuilder, TextInputBuilder, TextInputStyle,
} from 'discord.js';
import { API_URL, TOKEN, attempt, obey, tell } from './asked.mjs';

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
  rest: { api: API_URL.replace(/\/v10$/, '') }, // discord.js adds the version itself
});
const guild = () => client.guilds.cache.first();
const channel = (name) => guild().channels.cache.find((each) => each.name === name);
const papers = () => channel('papers');
const openThread = (name) => papers().threads.create({ name, type: ChannelType.PublicThread });

const verbs = {
  async see() {
    return { server: guild().name, channels: guild().channels.cache.map((each) => each.name).sort() };
  },
  async permissions() {
    return String(papers().permissionsFor(client.user).bitfield);
  },
  async member() {
    return (await guild().members.fetch({ user: guild().ownerId, force: true })).user.username;
  },
  async register() {
    const how = { type: 3, name: 'how', description: 'In which way', required: true, autocomplete: true };
    const command = { name: 'answer', description: 'Answer in some way', options: [how] };
    return (await client.application.commands.set([command])).map((each) => each.name);
  },
  async post() {
    const embed = new EmbedBuilder()
      .setTitle('Graphene')
      .setDescription('An abstract.')
      .setURL('https://example.org/paper')
      .setColor(0xb31b1b)
      .addFields({ name: 'Authors', value: 'A. Author', inline: true })
      .setFooter({ text: 'cs.LG' });
    const message = await papers().send({ content: 'Today', embeds: [embed] });
    return { by: message.author.username, titles: message.embeds.map((each) => each.title) };
  },
  async nonce() {
    const once = { content: 'Once', nonce: '1', enforceNonce: true };
    return (await papers().send(once)).id === (await papers().send(once)).id;
  },
  async wait() {
    return (await channel('general').send('Patient')).content;
  },
  async history() {
    return (await papers().messages.fetch({ limit: 100 })).map((message) => [message.author.username, message.content]);
  },
  async edit() {
    const edited = await (await papers().send('Old')).edit('New');
    return [edited.content, edited.editedTimestamp !== null];
  },
  async delete() {
    const message = await papers().send('Wrong');
    await message.delete();
    return papers().messages.fetch({ message: message.id, force: true }).then(() => 'there', () => 'gone');
  },
  async thread() {
    const thread = await openThread('Alone');
    return [thread.name, (await thread.send('Inside')).content];
  },
  async thread_under() {
    const thread = await (await papers().send('Above')).startThread({ name: 'Under' });
    return [thread.name, (await thread.send('Inside')).content];
  },
  async archive() {
    return (await (await openThread('Old news')).setArchived(true)).archived;
  },
  async lock() {
    return (await (await openThread('Settled')).setLocked(true)).locked;
  },
  async attach() {
    const message = await papers().send({ files: [{ attachment: Buffer.from('An abstract.'), name: 'abstract.txt' }] });
    return message.attachments.map((each) => [each.name, each.size]);
  },
  async reply() {
    const answer = await (await papers().send('Question')).reply('Answer');
    return (await answer.fetchReference()).content;
  },
  async react() {
    const message = await papers().send('Good');
    await message.react('👍');
    return (await message.fetch(true)).reactions.cache.map((each) => [each.emoji.name, each.count]);
  },
  async pin() {
    const message = await papers().send('Keep');
    await message.pin();
    return (await papers().messages.fetchPins()).items.map((pin) => pin.message.content);
  },
  async webhook() {
    const webhook = await papers().createWebhook({ name: 'Press' });
    return (await webhook.send('By another name')).author.username;
  },
};

function modal(customId) {
  const title = new TextInputBuilder().setCustomId('title').setStyle(TextInputStyle.Short);
  const label = new LabelBuilder().setLabel('Title').setTextInputComponent(title);
  return new ModalBuilder().setTitle('Paper').setCustomId(customId).addLabelComponents(label);
}

// What it does about /answer: a function for each way, and for each custom id.
const answers = {
  async answer(interaction) {
    await interaction.reply('Here');
    return String(interaction.appPermissions.bitfield);
  },
  async defer(interaction) {
    await interaction.deferReply();
    return (await interaction.editReply('Later')).content;
  },
  async ephemeral(interaction) {
    await interaction.reply({ content: 'For you', flags: MessageFlags.Ephemeral });
  },
  async follow_up(interaction) {
    await interaction.reply('First');
    return (await interaction.followUp('Second')).content;
  },
  async button(interaction) {
    const press = new ButtonBuilder().setCustomId('pressed').setLabel('Press').setStyle(ButtonStyle.Primary);
    const form = new ButtonBuilder().setCustomId('form').setLabel('Form').setStyle(ButtonStyle.Secondary);
    await interaction.reply({ content: 'Press', components: [new ActionRowBuilder().addComponents(press, form)] });
  },
  async pressed(interaction) {
    await interaction.update({ content: 'Pressed', components: [] });
    return interaction.user.username;
  },
  async select(interaction) {
    const options = [{ label: 'Biology', value: 'q-bio' }, { label: 'Learning', value: 'cs.LG' }];
    const select = new StringSelectMenuBuilder().setCustomId('chosen').setOptions(options);
    await interaction.reply({ content: 'Choose', components: [new ActionRowBuilder().addComponents(select)] });
  },
  async chosen(interaction) {
    await interaction.deferUpdate();
    await interaction.editReply({ content: interaction.values[0], components: [] });
    return interaction.values;
  },
  async modal(interaction) {
    await interaction.showModal(modal('submitted'));
  },
  async form(interaction) {
    await interaction.showModal(modal('filled'));
  },
  async dismiss(interaction) {
    await interaction.showModal(modal('dismissed'));
  },
  async submitted(interaction) {
    await interaction.reply(interaction.fields.getTextInputValue('title'));
    return (await interaction.fetchReply()).content;
  },
  async filled(interaction) {
    await interaction.update(interaction.fields.getTextInputValue('title'));
    return (await interaction.fetchReply()).content;
  },
  async dismissed(interaction) {
    await interaction.deferUpdate();
  },
  async suggest(interaction) {
    const ways = ['answer', 'button', 'defer'].filter((way) => way.startsWith(interaction.options.getFocused()));
    await interaction.respond(ways.map((way) => ({ name: way, value: way })));
  },
};

function wayOf(interaction) {
  if (interaction.isAutocomplete()) return 'suggest';
  return interaction.isChatInputCommand() ? interaction.options.getString('how', true) : interaction.customId;
}

client.on(Events.InteractionCreate, (interaction) => {
  const way = wayOf(interaction);
  return attempt(way, () => answers[way](interaction));
});
client.on(Events.ChannelCreate, (created) => tell('resume', created.name));
client.once(Events.ClientReady, () => {
  tell('connect', client.user.username);
  return obey(verbs);
});
client.login(TOKEN);
