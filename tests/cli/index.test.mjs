// deskside index, on real files.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { open } from "../../js/node/index.mjs";
import { deskside, folder, shopHelp } from "./command.mjs";

/** @param {string} path */
const opened = (path) => open(readFileSync(path));
/** @param {string} title @param {string} [text] @param {string} [more] */
const article = (title, text = "Text.", more = "") => `---\ntitle: ${title}\n${more}---\n\n${text}\n`;

test("a shop's help in two languages becomes an index that answers in both", () => {
  const cwd = folder();
  const { code, out, err } = deskside(["index", shopHelp, "-o", "help.idx"], cwd);
  assert.equal(code, 0, err);
  assert.equal(err, "", "no progress bar outside a terminal");
  assert.match(out, /^help\.idx: \d+ kB \(\d+ kB gzipped\)\n {2}(\d+) articles: \d+ en, \d+ zh-CN\n/);
  const index = opened(join(cwd, "help.idx"));
  assert.equal(index.search("how do i cancel my order", { locale: "en" })[0]?.id, "cancel-an-order");
  assert.equal(index.search("怎么取消订单", { locale: "zh-CN" })[0]?.id, "cancel-an-order.zh-CN");
});

test("the same files give the same bytes", () => {
  const cwd = folder({ samples: "markdown" });
  deskside(["index", "help", "-o", "a.idx"], cwd, { SOURCE_DATE_EPOCH: "1770000000" });
  deskside(["index", "help", "-o", "b.idx"], cwd, { SOURCE_DATE_EPOCH: "1770000000" });
  assert.deepEqual(readFileSync(join(cwd, "a.idx")), readFileSync(join(cwd, "b.idx")));
});

test("the report names what was left out, where and why", () => {
  const cwd = folder({ samples: "markdown", files: { "help/logo.png": "x" } });
  const { code, out } = deskside(["index", "help"], cwd);
  assert.equal(code, 0);
  assert.match(out, /3 articles: 2 en, 1 zh-CN/);
  assert.match(out, /Left out: 5\n {2}help\/en\/broken\.md, line 2: it does not follow its format: /);
  assert.match(out, /\n {2}help\/en\/draft\.md: "Not yet" is a draft\n/);
  assert.match(out, /\n {2}help\/zh-CN\/delivery\.md \(delivery\.zh-CN\): for signed-in customers/);
  assert.match(out, /Taken in, but: 4\n {2}help\/en\/delivery\.md: the link "javascript:alert\(1\)"/);
  assert.match(out, /1 file of another kind was not looked at\./);
  assert.ok(existsSync(join(cwd, "help.idx")), "help.idx where no name is given");
});

test("it speaks Chinese to who reads Chinese", () => {
  const cwd = folder({ samples: "markdown" });
  const { out } = deskside(["index", "help"], cwd, { LC_ALL: "zh_CN.UTF-8" });
  assert.match(out, /3 篇文章：en 2 篇，zh-CN 1 篇/);
  assert.match(out, /没有收入：5\n {2}help\/en\/broken\.md 第 2 行：不符合它的格式/);
  assert.match(deskside(["--help"], cwd, { LC_ALL: "", LC_MESSAGES: "", LANG: "zh_CN" }).out, /^deskside，客户服务/);
});

test("every format is read, each by its content, and what is wrong with it is told", () => {
  for (const [samples, articles, ...skipped] of /** @type {[string, number, ...string[]][]} */ ([
    ["docusaurus", 3],
    ["tables", 6, "noAnswer", "noTitle", "noColumns", "repeatedId"],
    ["zendesk", 4, "draft", "noAnswer", "restricted"],
    ["intercom", 2, "draft", "noTitle"],
    ["chatwoot", 2, "draft", "archived", "field", "noAnswer"],
    ["html", 3, "noFaqPage", "noAnswer", "syntax"],
  ])) {
    const cwd = folder({ samples });
    const { code, out, err } = deskside(["index", ".", "-o", "../out.idx", "--json"], join(cwd, "."), { SOURCE_DATE_EPOCH: "1770000000" });
    assert.equal(code, 0, `${samples}: ${err}`);
    const report = JSON.parse(out);
    assert.equal(report.articles, articles, samples);
    assert.deepEqual([...new Set(report.skipped.map((/** @type {any} */ one) => one.code))], skipped, samples);
  }
});

test("--json gives the whole report to programs", () => {
  const cwd = folder({ samples: "markdown" });
  const { out } = deskside(["index", "help", "--json"], cwd);
  const report = JSON.parse(out);
  assert.deepEqual(report.output, { path: "help.idx", bytes: readFileSync(join(cwd, "help.idx")).length, gzipBytes: report.output.gzipBytes });
  assert.ok(report.output.gzipBytes > 0 && report.output.gzipBytes < report.output.bytes);
  assert.deepEqual(report.locales, { en: 2, "zh-CN": 1 });
  assert.deepEqual(report.skipped.map((/** @type {any} */ one) => one.code), ["syntax", "excluded", "draft", "noAnswer", "restricted"]);
  assert.deepEqual(report.skipped[0].place, { line: 2 });
  assert.equal(report.skipped[2].reason, '"Not yet" is a draft.');
  assert.equal(Number(report.titlesBytes) + Number(report.bodiesBytes), report.output.bytes);
});

test("--quiet says nothing", () => {
  const cwd = folder({ samples: "markdown" });
  assert.deepEqual(deskside(["index", "help", "--quiet"], cwd), { code: 0, out: "", err: "" });
});

test("restricted articles are taken in when asked for", () => {
  const cwd = folder({ samples: "markdown" });
  assert.match(deskside(["index", "help", "--include-restricted"], cwd).out, /4 articles/);
});

test("articles whose validity has ended are left out", () => {
  const files = { "help/a.md": article("Old offer", "Text.", "validUntil: 2026-01-31\n"), "help/b.md": article("Always") };
  const cwd = folder({ files });
  /** @param {string} day */
  const asOf = (day) => deskside(["index", "help"], cwd, { SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) }).out;
  assert.match(asOf("2026-01-31T23:00:00Z"), /2 articles/);
  assert.match(asOf("2026-02-01T01:00:00Z"), /1 article: 1 en[^]*help\/a\.md \(a\): its validity has ended/);
});

test("two articles with one id: the second is left out and named", () => {
  const files = { "help/a.md": article("First", "Text.", "id: x\n"), "help/b.md": article("Second", "Text.", "id: x\n") };
  const { out } = deskside(["index", "help"], folder({ files }));
  assert.match(out, /1 article: 1 en[^]*help\/b\.md \(x\): another article before it has the same id/);
});

test("synonyms, the log and pins reach the ranking", () => {
  const cwd = folder({
    files: {
      "help/returns.md": article("Return an item"),
      "help/jackets.md": article("Caring for jackets"),
      "help/contact.md": article("Contact us"),
      "synonyms.txt": "# what people call it\nanorak, jackets\nlonely\n",
      "log.tsv": "parcel goes home again\treturns\nwithout a tab\n",
      "pins.tsv": "opening hours\tcontact, returns\nnothing\tmissing\n",
    },
  });
  const args = ["index", "help", "--synonyms", "synonyms.txt", "--log", "log.tsv", "--pins", "pins.tsv"];
  const { out } = deskside(args, cwd);
  assert.match(out, /log\.tsv, line 2: /);
  assert.match(out, /missing: a line of the log or the pins names this article/);
  const index = opened(join(cwd, "help.idx"));
  assert.equal(index.search("anorak")[0]?.id, "jackets");
  assert.equal(index.search("parcel goes home again")[0]?.id, "returns");
  const pinned = index.search("opening hours");
  assert.deepEqual(pinned.slice(0, 2).map(({ id, pinned }) => [id, pinned]), [["contact", true], ["returns", true]]);
});

test("--split also writes the two parts, and the first answers alone", () => {
  const cwd = folder({ samples: "markdown" });
  assert.equal(deskside(["index", "help", "--split", "-o", "out/help.idx"], cwd).code, 0);
  assert.deepEqual(readdirSync(join(cwd, "out")).sort(), ["help.bodies.idx", "help.idx", "help.titles.idx"]);
  const titles = opened(join(cwd, "out", "help.titles.idx"));
  assert.equal(titles.search("cancel an order", { locale: "en" })[0]?.id, "cancel-an-order");
  assert.deepEqual(titles.article("cancel-an-order")?.body, []);
  const parts = ["help.titles.idx", "help.bodies.idx"].map((name) => readFileSync(join(cwd, "out", name)));
  assert.deepEqual(Buffer.concat(parts), readFileSync(join(cwd, "out", "help.idx")));
});

test("files named one by one keep the locale of their folders", () => {
  const cwd = folder({ samples: "markdown" });
  const report = JSON.parse(deskside(["index", "help/zh-CN/orders/cancel.md", "--json"], cwd).out);
  assert.deepEqual(report.locales, { "zh-CN": 1 });
  const elsewhere = JSON.parse(deskside(["index", join(cwd, "help/zh-CN/delivery.md"), "--include-restricted", "--json"], folder()).out);
  assert.deepEqual(elsewhere.locales, { "zh-CN": 1 });
});

test("--locale is the locale of articles that tell none, --base-url gives addresses", () => {
  const cwd = folder({ files: { "help/a.md": article("A", "See [there](/x).") } });
  deskside(["index", "help", "--locale", "de", "--base-url", "https://shop.example/help/"], cwd);
  const found = opened(join(cwd, "help.idx")).article("a");
  assert.equal(found?.locale, "de");
  assert.equal(found.url, "https://shop.example/help/a");
  assert.match(JSON.stringify(found.body), /https:\/\/shop\.example\/x/);
});

test("nothing to index is an error, and an older index stays", () => {
  const cwd = folder({ files: { "help/a.md": article("A", "Text.", "draft: true\n") } });
  writeFileSync(join(cwd, "help.idx"), "old");
  const { code, out, err } = deskside(["index", "help"], cwd);
  assert.deepEqual([code, err], [1, "Nothing to index.\n"]);
  assert.match(out, /"A" is a draft/);
  assert.equal(readFileSync(join(cwd, "help.idx"), "utf8"), "old");
});

test("what cannot be read or written is said in one sentence", () => {
  const cwd = folder({ samples: "markdown" });
  assert.deepEqual(deskside(["index", "nowhere"], cwd), { code: 1, out: "", err: "nowhere: no such file or folder.\n" });
  const written = deskside(["index", "help", "-o", "help/en/delivery.md/help.idx"], cwd);
  assert.equal(written.code, 1);
  assert.match(written.err, /^help\/en\/delivery\.md\/help\.idx: cannot be written: .*\n$/);
  const log = deskside(["index", "help", "--log", "missing.tsv"], cwd);
  assert.match(log.err, /^missing\.tsv: cannot be read: /);
});

test("a wrong command line ends with 2 and says what is wrong", () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [[], /^No command\./],
    [["inex"], /^Unknown command "inex"\./],
    [["constructor"], /^Unknown command "constructor"\./],
    [["index"], /^Name the files or folders to index\./],
    [["index", "help", "--colour"], /--colour[^]*deskside --help/],
    [["index", "help", "-o"], /deskside --help/],
    [["serve-check"], /^Name one address to check\./],
  ])) {
    const { code, out, err } = deskside(args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, message);
  }
});

test("--help and --version answer", () => {
  assert.match(deskside(["--help"]).out, /^deskside, the command line[^]*--synonyms FILE/);
  assert.match(deskside(["index", "--help"]).out, /--synonyms FILE/);
  assert.match(deskside(["--version"]).out, /^\d+\.\d+\.\d+\n$/);
});
