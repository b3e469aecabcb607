// The pages of the help centre: home, subject, all articles, article, and one for the team.
import { tag } from "./html.mjs";
import { icon, layout, search, up } from "./layout.mjs";
import { plain, summary, text } from "./text.mjs";

/** @typedef {import("./html.mjs").Child} Child */
/** @typedef {import("./words.mjs").Words} Words */
/** @typedef {import("../../js/search/help-index.js").HelpIndex} HelpIndex */
/** @typedef {import("../../js/types/faq.js").Article} Article */
/** @typedef {{ slug: string, icon: string } & Record<string, string>} Subject */
/** @typedef {Article & { place: string }} Placed an article with the path of its page */

const popular_count = 6;
const related_count = 4;
const onCard_count = 3;

/**
 * A help centre in one language.
 * @typedef {object} Centre
 * @property {Words} words
 * @property {HelpIndex} index
 * @property {Subject[]} subjects
 * @property {Map<string, Placed>} articles by id, the most read first
 */

/** @param {Centre} centre @param {Subject} subject */
const articlesOf = ({ articles, words }, subject) => [...articles.values()].filter(({ path }) => path[0] === subject[words.locale]);

/** The page in each language. @param {Centre[]} centres @param {string} rest of its path, after the language */
const everywhere = (centres, rest) => centres.map(({ words }) => ({ words, path: `${words.locale}/${rest}` }));

/** @param {Centre} centre @param {Centre[]} centres @returns {[path: string, html: string][]} */
export function pages(centre, centres) {
  const { subjects, articles } = centre;
  return [
    home(centre, centres),
    allArticles(centre, centres),
    team(centre, centres),
    ...subjects.map((subject) => subjectPage(centre, centres, subject)),
    ...[...articles.values()].map((article) => articlePage(centre, centres, article)),
  ];
}

/** The page before all others: it leads to the reader's language. @param {Centre[]} centres @returns {string} */
export function entrance(centres) {
  const [first] = centres;
  if (!first) throw new Error("a help centre has a language");
  const { words } = first;
  return layout({ words, path: "", title: words.say("site"), description: words.say("description"), versions: everywhere(centres, ""), isHome: true },
    tag("section", { class: "hero", "data-choose": true },
      tag("div", { class: "wide" },
        tag("h1", {}, centres.map((one) => one.words.say("site")).join(" · ")),
        tag("p", { class: "lead" }, centres.flatMap((one) => [
          tag("a", { href: `${one.words.locale}/`, hreflang: one.words.locale, lang: one.words.locale }, one.words.say("language")), " ",
        ])))));
}

/** @param {Centre} centre @param {Centre[]} centres @returns {[string, string]} */
function home(centre, centres) {
  const { words, subjects, articles } = centre;
  const path = `${words.locale}/`;
  const about = {
    words, path, title: words.say("site"), description: words.say("description"), versions: everywhere(centres, ""), isHome: true,
  };
  const top = up(path);
  return [path, layout(about,
    tag("section", { class: "hero" },
      tag("div", { class: "wide" },
        tag("h1", {}, words.say("title")), tag("p", { class: "lead" }, words.say("lead")), search(about))),
    tag("section", { class: "wide", "aria-labelledby": "popular" },
      tag("h2", { id: "popular" }, words.say("popular")),
      tag("ul", { class: "popular" }, [...articles.values()].slice(0, popular_count).map((one) => row(one, top)))),
    tag("section", { class: "wide", "aria-labelledby": "subjects" },
      tag("h2", { id: "subjects" }, words.say("subjects")),
      tag("ul", { class: "cards" }, subjects.map((subject) => card(centre, subject, top)))))];
}

/** @param {Centre} centre @param {Subject} subject @param {string} top */
function card(centre, subject, top) {
  const { words } = centre;
  const articles = articlesOf(centre, subject);
  return tag("li", { class: "card" },
    tag("h3", {}, icon(subject.icon), tag("a", { href: `${top}${words.locale}/subject/${subject.slug}/` }, subject[words.locale])),
    tag("ul", {}, articles.slice(0, onCard_count).map((one) => tag("li", {}, tag("a", { href: top + one.place }, one.title)))),
    tag("p", { class: "quiet" }, words.say("articles", { n: articles.length })));
}

/** @param {Placed} article @param {string} top */
const row = (article, top) =>
  tag("li", {}, tag("a", { class: "row", href: top + article.place },
    tag("strong", {}, article.title), tag("span", { class: "quiet" }, summary(article.body))));

/** @param {Centre} centre @param {Centre[]} centres @param {Subject} subject @returns {[string, string]} */
function subjectPage(centre, centres, subject) {
  const { words } = centre;
  const rest = `subject/${subject.slug}/`;
  const path = `${words.locale}/${rest}`;
  const articles = articlesOf(centre, subject);
  const title = subject[words.locale] ?? "";
  const description = articles.slice(0, onCard_count).map((one) => one.title).join(" · ");
  return [path, layout({ words, path, title, description, versions: everywhere(centres, rest) },
    tag("div", { class: "wide narrow" },
      crumbs(words, path),
      tag("h1", { class: "with-icon" }, icon(subject.icon), title),
      tag("ul", { class: "popular one-column" }, articles.map((one) => row(one, up(path))))))];
}

/** @param {Centre} centre @param {Centre[]} centres @returns {[string, string]} */
function allArticles(centre, centres) {
  const { words, subjects } = centre;
  const path = `${words.locale}/all/`;
  const title = words.say("all");
  return [path, layout({ words, path, title, description: words.say("description"), versions: everywhere(centres, "all/") },
    tag("div", { class: "wide" },
      crumbs(words, path),
      tag("h1", {}, title),
      tag("div", { class: "columns" }, subjects.map((subject) =>
        tag("section", {},
          tag("h2", {}, subject[words.locale]),
          tag("ul", { class: "plain" }, articlesOf(centre, subject).map((one) =>
            tag("li", {}, tag("a", { href: up(path) + one.place }, one.title)))))))))];
}

/** @param {Words} words @param {string} path @param {Child[]} between */
const crumbs = (words, path, ...between) =>
  tag("nav", { class: "crumbs", "aria-label": words.say("home") },
    tag("a", { href: `${up(path)}${words.locale}/` }, words.say("home")), ...between);

/** @param {Centre} centre @param {Centre[]} centres @param {Placed} article @returns {[string, string]} */
function articlePage(centre, centres, article) {
  const { words, subjects, index, articles } = centre;
  const { place: path, title, body, updatedAt } = article;
  const top = up(path);
  const subject = subjects.find((one) => one[words.locale] === article.path[0]);
  const slug = path.slice(words.locale.length + 1);
  const versions = everywhere(centres, slug).filter(({ path }) => centres.some((one) => [...one.articles.values()].some(({ place }) => place === path)));
  const headings = body.flatMap((block) => (typeof block === "object" && "heading" in block && block.heading.level <= 2 ? [block.heading] : []));
  const related = index.related(article.id, { limit: related_count }).flatMap(({ id }) => articles.get(id) ?? []);
  const addressOf = (/** @type {string} */ id) => {
    const place = articles.get(id)?.place;
    return place === undefined ? undefined : top + place;
  };
  return [path, layout({ words, path, title, description: summary(body), versions },
    tag("div", { class: "wide article" },
      headings.length > 1
        ? tag("nav", { class: "contents", "aria-labelledby": "contents" },
          tag("p", { id: "contents" }, words.say("onThisPage")),
          tag("ul", {}, headings.map((one) => tag("li", {}, tag("a", { href: `#${one.anchor}` }, plain(one.content))))))
        : undefined,
      tag("div", { class: "prose" },
        crumbs(words, path, subject && [" › ", tag("a", { href: `${top}${words.locale}/subject/${subject.slug}/` }, article.path[0])]),
        tag("article", { "data-article": article.id },
          tag("h1", {}, title),
          text(body, addressOf)),
        updatedAt === null ? undefined : tag("p", { class: "quiet" }, words.say("updated", { date: words.date(updatedAt) })),
        helped(words, article.id),
        related.length === 0 ? undefined : tag("section", { class: "related", "aria-labelledby": "related" },
          tag("h2", { id: "related" }, words.say("related")),
          tag("ul", { class: "popular one-column" }, related.map((one) => row(one, top)))))))];
}

/** Both answers are in the page; the script shows the one that fits. @param {Words} words @param {string} id */
const helped = (words, id) =>
  tag("section", { class: "helped", "data-helped": id, hidden: true, "aria-labelledby": "helped" },
    tag("p", { id: "helped" }, words.say("helped")),
    tag("div", { class: "choices" },
      tag("button", { type: "button", value: "yes" }, words.say("yes")),
      tag("button", { type: "button", value: "no" }, words.say("no"))),
    tag("div", { role: "status" },
      tag("p", { "data-answer": "yes", hidden: true }, words.say("thanks")),
      tag("p", { "data-answer": "no", hidden: true }, words.say("sorry"), " ", tag("a", { href: `mailto:${words.mail}` }, words.mail))));

/** What was searched for in this browser; the script fills it. @param {Centre} centre @param {Centre[]} centres @returns {[string, string]} */
function team(centre, centres) {
  const { words } = centre;
  const path = `${words.locale}/team/`;
  const title = words.say("insight");
  const table = (/** @type {string} */ name, /** @type {string[]} */ columns) =>
    tag("section", { "data-list": name },
      tag("h2", {}, words.say(name)),
      tag("p", { class: "quiet", "data-none": true }, words.say(`${name}None`)),
      tag("div", { "data-some": true, hidden: true },
        tag("table", {}, tag("thead", {}, tag("tr", {}, columns.map((key) => tag("th", { scope: "col" }, words.say(key))))), tag("tbody", {})),
        tag("p", { class: "choices" }, (name === "unanswered" ? ["csv", "json"] : ["tsv"]).map((kind) =>
          tag("button", { type: "button", value: kind }, words.say(kind))))));
  return [path, layout({ words, path, title, description: words.say("insightLead"), versions: everywhere(centres, "team/") },
    tag("div", { class: "wide narrow" },
      crumbs(words, path),
      tag("h1", {}, title),
      tag("p", { class: "lead" }, words.say("insightLead")),
      table("unanswered", ["query", "times", "last"]),
      table("answered", ["query", "article"])))];
}
