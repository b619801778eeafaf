/** The sandbox's control routes. A refusal is an Error whose message is the sandbox's own sentence. */
async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await fetch(`/_sandbox/${path}`, options);
  const text = await answer.text();
  const data = answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text;
  if (!answer.ok) throw new Error(data.problem ?? `${answer.status} ${answer.statusText}`);
  return data;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const remove = (path) => ask("DELETE", path);
