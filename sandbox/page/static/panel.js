/** What a visitor can make happen: time, papers, trouble, and the end of the bot. */
import { post, remove } from "./api.js";
import { find, h } from "./dom.js";
import { TROUBLE, broken } from "./trouble.js";

const LONGEST = 60; // characters of a query that is told in full
const PAPER = /arxiv\.org\/abs\/([^\s)]+?)v\d+/u;

export class Panel {
  /** `place()` is the channel that gets papers, or nothing when it was deleted. */
  constructor(world, place) {
    this.world = world;
    this.place = place;
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
      fix: () => this.#fix(),
      restart: () => this.#restart(),
    };
    for (const [name, act] of Object.entries(acts)) find(`#${name}`).addEventListener("click", (event) => this.#run(event.currentTarget, act));
    for (const label of Object.keys(TROUBLE)) find("#trouble").append(h("option", {}, label));
    find("#break").addEventListener("click", (event) => this.#run(event.currentTarget, () => this.#break(find("#trouble").value)));
    this.world.addEventListener("time", () => this.#clock());
    this.world.addEventListener("places", () => {
      find("#bot").hidden = !this.world.bot.restartable;
      this.#clock();
      this.look();
    });
  }

  /** Show what is broken now; as before where the sandbox does not answer. */
  async look() {
    const clauses = await broken(this.place()).catch(() => null);
    if (!clauses) return;
    const shown = clauses.length ? `Broken: ${clauses.join("; ")}.` : "Nothing is broken.";
    if (find("#broken").textContent !== shown) find("#broken").textContent = shown;
  }

  async #run(button, act) {
    button.setAttribute("aria-busy", "true");
    try {
      await act();
      await Promise.all([this.world.tick(), this.look()]);
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
    const { query, matching } = await post("publish/followed", { count, channel_id: this.place()?.id });
    const match = matching === count ? "that match" : `of which ${matching} match`;
    const followed = query?.length > LONGEST ? "what the channel follows" : query;
    const which = query === null ? "on materials design" : `${match} ${followed}`;
    this.#tell(`arXiv shows ${count} new papers ${which}. They come with the next digest: press Tomorrow.`);
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
    const place = this.place();
    if (!place) throw new Error("The channel is gone already. Fix it first.");
    await TROUBLE[label](place);
    this.#tell(`Done: ${label}. Press Tomorrow, then ask /status.`);
  }

  async #fix() {
    await remove("faults");
    const place = this.place();
    if (place) await post(`channels/${place.id}/permissions`, { allow: ["EMBED_LINKS"] });
    else await post("channels", { name: "papers" });
    this.#tell(place ? "All is well again. Within the hour the bot tries again: press An hour later." : "There is a new #papers. Type /setquery there and choose it as the channel.");
  }

  async #restart() {
    this.#tell("The bot was killed in the middle of whatever it did. It is starting again…");
    await post("bot/restart");
    this.#tell("A new bot is running. It posts nothing twice and forgets nothing.");
  }

  #clock() {
    const shown = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
    find("#clock").textContent = new Intl.DateTimeFormat(undefined, shown).format(this.world.now);
  }

  #tell(sentence) {
    find("#told").textContent = sentence;
  }
}
