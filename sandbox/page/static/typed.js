/** What is typed into one line for several options: "5 query:cat:cs.LG", begun in count, is count "5" and query "cat:cs.LG". */
export function typedOptions(text, place, names) {
  const found = [...text.matchAll(new RegExp(`(?:^|\\s)(${names.join("|")}):`, "gu"))];
  const begins = [{ name: place, at: 0 }, ...found.map((one) => ({ name: one[1], at: one.index + one[0].length }))];
  const ends = [...found.map((one) => one.index), text.length];
  return begins.map(({ name, at }, turn) => ({ name, value: text.slice(at, ends[turn]) }));
}
