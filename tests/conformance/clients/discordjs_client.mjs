// A small bot on discord.js. It prints what it sees, one JSON object a line.
// DISCORD_API_URL and DISCORD_TOKEN say where it logs in; the gateway's address it asks there.
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, EmbedBuilder, Events, GatewayIntentBits } from 'discord.js';

const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: process.env.DISCORD_API_URL.replace(/\/v10$/, '') }, // discord.js adds the version itself
});

function tell(seen, what) {
  console.log(JSON.stringify({ seen, ...what }));
}

async function greet() {
  for (const guild of client.guilds.cache.values()) {
    tell('server', { name: guild.name, channels: guild.channels.cache.map((channel) => channel.name).sort() });
  }
  const text = { type: 3, name: 'text', description: 'What to say', required: true };
  const registered = await client.application.commands.set([{ name: 'echo', description: 'Say it back', options: [text] }]);
  tell('registered', { commands: registered.map((command) => command.name) });
}

async function attend(interaction) {
  if (interaction.isChatInputCommand()) {
    await echo(interaction);
  } else if (interaction.isButton()) {
    tell('press', { button: interaction.customId, by: interaction.user.username });
    await interaction.update({ content: 'pressed', components: [] });
  }
}

async function echo(interaction) {
  const text = interaction.options.getString('text', true);
  const { commandName: name, channel } = interaction;
  tell('command', { name, text, by: interaction.user.username, channel: channel.name });
  const button = new ButtonBuilder().setCustomId('more').setLabel('More').setStyle(ButtonStyle.Primary);
  await interaction.deferReply();
  await interaction.editReply({ content: text, components: [new ActionRowBuilder().addComponents(button)] });
  const embed = new EmbedBuilder()
    .setTitle(text)
    .setDescription('An abstract.')
    .setURL('https://example.org/paper')
    .addFields({ name: 'Authors', value: 'A. Author', inline: true })
    .setFooter({ text: 'cs.LG' });
  const message = await channel.send({ embeds: [embed] });
  tell('posted', { titles: message.embeds.map((each) => each.title), by: message.author.username });
}

client.once(Events.ClientReady, greet);
client.on(Events.InteractionCreate, attend);
client.on(Events.ChannelCreate, (channel) => tell('channel', { name: channel.name }));
client.login(process.env.DISCORD_TOKEN);
