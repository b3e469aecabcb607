import type { App } from "../app.js";
import type { Block, Inline } from "../../types/richtext.js";
import type { Item } from "../../types/view.js";

/** So many pages are gone back; a conversation that is longer is saved from there on. */
const PAGES_MAX = 200;
const PAGE_MS_MAX = 8_000;

/** The conversation as a text file, from its beginning. */
export async function saveTranscript(app: App): Promise<void> {
  void app.reveal("", "[data-focus=menu]");
  const lines = new Map<string, string>();
  const id = app.view.conversation?.id;
  const collect = (): void => {
    const found = (app.view.conversation?.items ?? []).map((item): [string, string] => [item.key, line(app, item)]);
    const known = [...lines];
    lines.clear();
    // A page that came stands before what was there.
    for (const [key, text] of [...found, ...known]) if (text && !lines.has(key)) lines.set(key, text);
  };
  collect();
  for (let page = 0; page < PAGES_MAX && app.view.conversation?.id === id; page += 1) {
    const { conversation } = app.view;
    if (!conversation?.hasOlder) break;
    const first = conversation.items[0]?.key;
    app.dispatch("older");
    if (!(await until(() => !app.view.conversation?.loading))) break;
    if (app.view.conversation?.items[0]?.key === first) break;
    collect();
  }
  app.dispatch("latest");
  const text = [app.view.siteName, location.href, "", ...lines.values(), ""].join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = `${app.view.siteName || "chat"}-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function until(is: () => boolean): Promise<boolean> {
  const end = performance.now() + PAGE_MS_MAX;
  while (!is()) {
    if (performance.now() > end) return false;
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
}

function line(app: App, { ts, body }: Item): string {
  if (typeof body !== "object") return "";
  const time = new Date(ts).toLocaleString(app.texts.locale);
  if ("note" in body) return `[${time}] ${plain(body.note.content)}`;
  if (!("message" in body)) return "";
  const { mine, author, content, files } = body.message;
  const name = mine ? app.t("chat.youSaid") : author.name || app.t("chat.team");
  const names = files.map(({ file }) => `[${file.name}]`);
  return `[${time}] ${name}: ${[plain(content), ...names].filter(Boolean).join(" ")}`;
}

/** A text without its marks. */
function plain(blocks: readonly Block[]): string {
  const texts = blocks.map((block): string => {
    if (block === "rule") return "";
    if ("paragraph" in block) return inline(block.paragraph);
    if ("heading" in block) return inline(block.heading.content);
    if ("list" in block) return block.list.items.map((item) => `- ${plain(item)}`).join("\n");
    if ("quote" in block) return plain(block.quote);
    if ("code" in block) return block.code;
    return block.table.map((row) => row.map(inline).join("\t")).join("\n");
  });
  return texts.filter(Boolean).join("\n");
}

function inline(content: readonly Inline[]): string {
  const texts = content.map((one): string => {
    if (one === "break") return "\n";
    if ("text" in one) return one.text;
    if ("code" in one) return one.code;
    if ("strong" in one) return inline(one.strong);
    if ("emphasis" in one) return inline(one.emphasis);
    if ("image" in one) return one.image.alt;
    const text = inline(one.link.content);
    return one.link.href === text ? text : `${text} (${one.link.href})`;
  });
  return texts.join("");
}
