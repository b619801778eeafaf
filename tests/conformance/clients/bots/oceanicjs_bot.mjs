// A bot on oceanic.js.
import {
  ButtonStyles, ChannelTypes, Client, ComponentTypes, InteractionTypes, MessageFlags, TextInputStyles,
} from 'oceanic.js';
import { API_URL, TOKEN, attempt, obey, tell } from './asked.mjs';

const client = new Client({
  auth: `Bot ${TOKEN}`,
  rest: { baseURL: API_URL },
  gateway: { intents: ['GUILDS', 'GUILD_MESSAGES'], reconnectDelay: () => 100 }, // else it waits for 20 s
});
const guild = () => client.guilds.first();
const channel = (name) => guild().channels.find((each) => each.name === name);
const papers = () => channel('papers');
const send = (content) => papers().createMessage({ content });
const openThread = (name) => papers().startThreadWithoutMessage({ name, type: ChannelTypes.PUBLIC_THREAD });

const verbs = {
  async see() {
    return { server: guild().name, channels: guild().channels.map((each) => each.name).sort() };
  },
  async permissions() {
    return String(papers().permissionsOf(client.user.id).allow);
  },
  async member() {
    return (await client.rest.guilds.getMember(guild().id, guild().ownerID)).user.username;
  },
  async register() {
    const how = { type: 3, name: 'how', description: 'In which way', required: true, autocomplete: true };
    const command = { type: 1, name: 'answer', description: 'Answer in some way', options: [how] };
    return (await client.application.bulkEditGlobalCommands([command])).map((each) => each.name);
  },
  async post() {
    const embed = {
      title: 'Graphene',
      description: 'An abstract.',
      url: 'https://example.org/paper',
      color: 0xb31b1b,
      fields: [{ name: 'Authors', value: 'A. Author', inline: true }],
      footer: { text: 'cs.LG' },
    };
    const message = await papers().createMessage({ content: 'Today', embeds: [embed] });
    return { by: message.author.username, titles: message.embeds.map((each) => each.title) };
  },
  async nonce() {
    const once = { content: 'Once', nonce: '1', enforceNonce: true };
    return (await papers().createMessage(once)).id === (await papers().createMessage(once)).id;
  },
  async wait() {
    return (await channel('general').createMessage({ content: 'Patient' })).content;
  },
  async history() {
    return (await papers().getMessages({ limit: 100 })).map((message) => [message.author.username, message.content]);
  },
  async edit() {
    const edited = await (await send('Old')).edit({ content: 'New' });
    return [edited.content, edited.editedTimestamp !== null];
  },
  async delete() {
    const message = await send('Wrong');
    await message.delete();
    return papers().getMessage(message.id).then(() => 'there', () => 'gone');
  },
  async thread() {
    const thread = await openThread('Alone');
    return [thread.name, (await thread.createMessage({ content: 'Inside' })).content];
  },
  async thread_under() {
    const thread = await (await send('Above')).startThread({ name: 'Under' });
    return [thread.name, (await thread.createMessage({ content: 'Inside' })).content];
  },
  async archive() {
    return (await (await openThread('Old news')).edit({ archived: true })).threadMetadata.archived;
  },
  async lock() {
    return (await (await openThread('Settled')).edit({ locked: true })).threadMetadata.locked;
  },
  async attach() {
    const file = { name: 'abstract.txt', contents: Buffer.from('An abstract.') };
    return (await papers().createMessage({ files: [file] })).attachments.map((each) => [each.filename, each.size]);
  },
  async reply() {
    const messageReference = { messageID: (await send('Question')).id };
    return (await papers().createMessage({ content: 'Answer', messageReference })).referencedMessage.content;
  },
  async react() {
    const message = await send('Good');
    await message.createReaction('👍');
    return (await papers().getMessage(message.id)).reactions.map((each) => [each.emoji.name, each.count]);
  },
  async pin() {
    await (await send('Keep')).pin();
    return (await papers().getPins()).map((pin) => pin.message.content);
  },
  async webhook() {
    const webhook = await papers().createWebhook({ name: 'Press' });
    return (await webhook.execute({ content: 'By another name', wait: true })).author.username;
  },
};

function modal(customID) {
  const title = { type: ComponentTypes.TEXT_INPUT, customID: 'title', style: TextInputStyles.SHORT };
  const components = [{ type: ComponentTypes.LABEL, label: 'Title', component: title }];
  return { title: 'Paper', customID, components };
}

const row = (...components) => [{ type: ComponentTypes.ACTION_ROW, components }];
const button = (customID, label) => ({ type: ComponentTypes.BUTTON, style: ButtonStyles.PRIMARY, customID, label });

// What it does about /answer: a function for each way, and for each custom id.
const answers = {
  async answer(interaction) {
    await interaction.createMessage({ content: 'Here' });
    return String(interaction.appPermissions.allow);
  },
  async defer(interaction) {
    await interaction.defer();
    return (await interaction.editOriginal({ content: 'Later' })).content;
  },
  async ephemeral(interaction) {
    await interaction.createMessage({ content: 'For you', flags: MessageFlags.EPHEMERAL });
  },
  async follow_up(interaction) {
    await interaction.createMessage({ content: 'First' });
    return (await interaction.createFollowup({ content: 'Second' })).message.content;
  },
  async button(interaction) {
    await interaction.createMessage({ content: 'Press', components: row(button('pressed', 'Press'), button('form', 'Form')) });
  },
  async pressed(interaction) {
    await interaction.editParent({ content: 'Pressed', components: [] });
    return interaction.user.username;
  },
  async select(interaction) {
    const options = [{ label: 'Biology', value: 'q-bio' }, { label: 'Learning', value: 'cs.LG' }];
    const select = { type: ComponentTypes.STRING_SELECT, customID: 'chosen', options };
    await interaction.createMessage({ content: 'Choose', components: row(select) });
  },
  async chosen(interaction) {
    const [value] = interaction.data.values.getStrings();
    await interaction.deferUpdate();
    await interaction.editOriginal({ content: value, components: [] });
    return value;
  },
  async modal(interaction) {
    await interaction.createModal(modal('submitted'));
  },
  async form(interaction) {
    await interaction.createModal(modal('filled'));
  },
  async dismiss(interaction) {
    await interaction.createModal(modal('dismissed'));
  },
  async submitted(interaction) {
    await interaction.createMessage({ content: interaction.data.components.getTextInput('title', true) });
    return (await interaction.getOriginal()).content;
  },
  async filled(interaction) {
    await interaction.editParent({ content: interaction.data.components.getTextInput('title', true) });
    return (await interaction.getOriginal()).content;
  },
  async dismissed(interaction) {
    await interaction.deferUpdate();
  },
  async suggest(interaction) {
    const ways = ['answer', 'button', 'defer'].filter((way) => way.startsWith(interaction.data.options.getFocused(true).value));
    await interaction.result(ways.map((way) => ({ name: way, value: way })));
  },
};

function wayOf(interaction) {
  if (interaction.type === InteractionTypes.APPLICATION_COMMAND_AUTOCOMPLETE) return 'suggest';
  const isCommand = interaction.type === InteractionTypes.APPLICATION_COMMAND;
  return isCommand ? interaction.data.options.getString('how', true) : interaction.data.customID;
}

client.on('interactionCreate', (interaction) => {
  const way = wayOf(interaction);
  return attempt(way, () => answers[way](interaction));
});
client.on('channelCreate', (created) => tell('resume', created.name));
client.on('error', (error) => console.error(error));
client.once('ready', () => {
  tell('connect', client.user.username);
  return obey(verbs);
});
client.connect();
