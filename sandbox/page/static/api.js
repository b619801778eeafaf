/** The sandbox's control routes. A refusal is an Error whose message is the sandbox's own sentence. */
async function ask(method, path, body) {
  const options = { method, headers: { Prefer: "status=200" } }; // a mistake of the visitor's is no error of the page's
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await fetch(`/_sandbox/${path}`, options);
  const text = await answer.text();
  const data = answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : text;
  if (data.problem) throw new Error(data.problem);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return data;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const remove = (path) => ask("DELETE", path);
