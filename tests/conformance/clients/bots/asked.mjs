// What the bots on Node share: they do what the standard input names, and print what came of it, one JSON object a line.
// DISCORD_API_URL and DISCORD_TOKEN say where they log in; the gateway's address they ask there.
import { createInterface } from 'node:readline';

export const API_URL = process.env.DISCORD_API_URL;
export const TOKEN = process.env.DISCORD_TOKEN;

export function tell(verb, detail = null, ok = true) {
  console.log(JSON.stringify({ verb, ok, detail }));
}

/** Tell what it gave, or the client's own error. */
export async function attempt(verb, doing) {
  try {
    tell(verb, await doing());
  } catch (error) {
    tell(verb, String(error), false);
  }
}

/** Do what each line names, by the function of that name. */
export async function obey(verbs) {
  for await (const line of createInterface({ input: process.stdin })) {
    await attempt(line, verbs[line]);
  }
}
