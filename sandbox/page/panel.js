/** What a visitor can make happen: time, papers, trouble, and the end of the bot. */
import { get, post, remove } from "./api.js";
import { find, h } from "./dom.js";

const ARXIV = "GET /arxiv";
const POSTING = "POST /channels/{channel_id}/messages";
const ALWAYS = { times: -1 };
const PAPER = /arxiv\.org\/abs\/([^\s)]+?)v\d+/u;

/** Label → [what to do, what to tell]. `channel` is the one that gets papers. */
const TROUBLE = {
  "arXiv: 429, too many requests": fault({ route: ARXIV, status: 429, ...ALWAYS }, "arXiv answers 429"),
  "arXiv: no answer (timeout)": fault({ route: ARXIV, stall: 120, ...ALWAYS }, "arXiv does not answer"),
  "arXiv: 503, unavailable": fault({ route: ARXIV, status: 503, ...ALWAYS }, "arXiv answers 503"),
  "Discord: 429, too many requests": fault({ route: POSTING, status: 429, times: 3 }, "Discord answers the next three posts with 429"),
  "Discord: 503, unavailable": fault({ route: POSTING, status: 503, ...ALWAYS }, "Discord answers posts with 503"),
  "Discord: the line drops": { act: () => post("gateway/drop"), told: "the bot's line was cut; it connects again by itself" },
  "Embed Links taken away": { act: (at) => post(`channels/${at.id}/permissions`, { deny: ["EMBED_LINKS"] }), told: "the bot may not embed links in its channel" },
  "The channel deleted": { act: (at) => remove(`channels/${at.id}`), told: "the channel is gone" },
};

function fault(body, told) {
  return { act: () => post("faults", body), told };
}

export class Panel {
  /** `place()` is the channel that gets papers, or nothing when it was deleted. */
  constructor(world, place) {
    this.world = world;
    this.place = place;
    this.broken = [];
    this.#wire();
  }

  #wire() {
    const day = 86400;
    const acts = {
      hour: () => this.#advance(day / 24, "An hour later."),
      tomorrow: () => this.#advance(day, "A day later. What is new for the channel's query is posted now; on weekends arXiv rests."),
      three: () => this.#publish(3),
      seventeen: () => this.#publish(17),
      flood: () => this.#flood(250),
      revise: () => this.#revise(),
      mend: () => this.#mend(),
      restart: () => this.#restart(),
    };
    for (const [name, act] of Object.entries(acts)) find(`#${name}`).addEventListener("click", (event) => this.#run(event.currentTarget, act));
    for (const label of Object.keys(TROUBLE)) find("#trouble").append(h("option", {}, label));
    find("#break").addEventListener("click", (event) => this.#run(event.currentTarget, () => this.#break(find("#trouble").value)));
    this.world.addEventListener("time", () => this.#clock());
    this.world.addEventListener("places", () => this.#clock());
    get("bot").then((bot) => (find("#bot").hidden = !bot.restartable));
  }

  async #run(button, act) {
    button.setAttribute("aria-busy", "true");
    try {
      await act();
      await this.world.tick();
    } catch (error) {
      this.#tell(error.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  async #advance(seconds, told) {
    await post("clock", { advance: seconds });
    this.#tell(told);
  }

  async #publish(count) {
    for (let made = 0; made < count; made += 1) await post("publish");
    this.#tell(`arXiv shows ${count} new papers on the lab's topic. They come with the next digest: press Tomorrow.`);
  }

  async #flood(count) {
    await post("flood", { count });
    this.#tell(`arXiv shows ${count} old papers as if they were new, as it did in November 2025. Press Tomorrow: the channel stays calm.`);
  }

  async #revise() {
    const posted = this.world.messages(this.place()?.id, {}).filter((message) => message.embeds[0]?.url);
    const paper = JSON.stringify(posted.at(-1)?.embeds ?? "").match(PAPER);
    if (!paper) throw new Error("No paper stands in the channel yet. Press Tomorrow first.");
    await post("revise", { base_id: paper[1] });
    this.#tell(`arXiv has a new version of ${paper[1]}. Press Tomorrow: its card is edited in place.`);
  }

  async #break(label) {
    const trouble = TROUBLE[label];
    const place = this.place();
    if (!place) throw new Error("The channel is gone already. Mend it first.");
    await trouble.act(place);
    this.broken.push(trouble.told);
    this.#tell(`Now ${trouble.told}. Press Tomorrow, then ask /status.`);
    this.#state();
  }

  async #mend() {
    await remove("faults");
    const place = this.place();
    if (place) await post(`channels/${place.id}/permissions`, { allow: ["EMBED_LINKS"] });
    else await post("channels", { name: "papers" });
    this.broken = [];
    this.#tell(place ? "All is well again. Within the hour the bot tries again: press An hour later." : "There is a new #papers. Type /setquery there and choose it as the channel.");
    this.#state();
  }

  async #restart() {
    this.#tell("The bot was killed in the middle of whatever it did. It is starting again…");
    await post("bot/restart");
    this.#tell("A new bot is running. It posts nothing twice and forgets nothing.");
  }

  #state() {
    find("#broken").textContent = this.broken.length ? `Broken: ${this.broken.join("; ")}.` : "Nothing is broken.";
  }

  #clock() {
    const shown = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
    find("#clock").textContent = new Intl.DateTimeFormat(undefined, shown).format(this.world.now);
  }

  #tell(sentence) {
    find("#told").textContent = sentence;
  }
}
