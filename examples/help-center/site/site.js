// What the pages do beyond being read: the language of the first page, "did this help?", and the lists
// for the team. What was searched for stays in this browser.
import { answeredTsv, unansweredCsv, unansweredJson } from "./deskside/deskside-search-api.js";

const store = {
  read(name) {
    try {
      const list = JSON.parse(localStorage.getItem(`harbor-help:${name}`) ?? "[]");
      return Array.isArray(list) ? list : [];
    } catch {
      return [];
    }
  },
  write(name, list) {
    try {
      localStorage.setItem(`harbor-help:${name}`, JSON.stringify(list));
    } catch {
      // Not allowed here: the lists stay empty.
    }
  },
};

/** The language that the reader prefers, on the page before all others. */
const choices = [...document.querySelectorAll("[data-choose] a[hreflang]")];
if (choices.length > 0) {
  const speaks = (language) => choices.find((one) => one.hreflang.slice(0, 2) === language.slice(0, 2));
  const choice = navigator.languages.map(speaks).find(Boolean);
  if (choice) location.replace(choice.href);
}

addEventListener("deskside:unanswered", ({ detail: { query } }) => {
  const list = store.read("unanswered");
  const known = list.find((one) => one.query === query);
  const now_ms = Date.now();
  if (known) Object.assign(known, { count: known.count + 1, last_ms: now_ms });
  else list.push({ query, count: 1, first_ms: now_ms, last_ms: now_ms });
  store.write("unanswered", list);
});

/** What was asked before an article was opened: the answer to "did this help?" goes with it. */
addEventListener("deskside:open", ({ detail: { id, query } }) => {
  store.write("asked", [{ id, query }]);
});

for (const section of document.querySelectorAll("[data-helped]")) {
  section.hidden = false;
  section.addEventListener("click", ({ target }) => {
    const answer = target instanceof HTMLButtonElement ? target.value : "";
    if (!answer) return;
    for (const part of section.querySelectorAll("[data-answer]")) part.hidden = part.dataset.answer !== answer;
    section.querySelector(".choices").hidden = true;
    section.querySelector("p").hidden = true;
    const asked = store.read("asked").find((one) => one.id === section.dataset.helped);
    if (answer === "yes" && asked) {
      const others = store.read("answered").filter((one) => one.id !== asked.id || one.query !== asked.query);
      store.write("answered", [...others, asked]);
    }
  });
}

const columns = {
  unanswered: (one) => [one.query, String(one.count), new Date(one.last_ms).toLocaleString(document.documentElement.lang)],
  answered: (one) => [one.query, one.id],
};
const files = {
  csv: { name: "unanswered.csv", type: "text/csv", write: unansweredCsv },
  json: { name: "unanswered.json", type: "application/json", write: unansweredJson },
  tsv: { name: "answered.tsv", type: "text/tab-separated-values", write: answeredTsv },
};

for (const section of document.querySelectorAll("[data-list]")) {
  const list = store.read(section.dataset.list);
  section.querySelector("[data-none]").hidden = list.length > 0;
  section.querySelector("[data-some]").hidden = list.length === 0;
  section.querySelector("tbody").replaceChildren(
    ...list.map((one) => {
      const row = document.createElement("tr");
      row.append(...columns[section.dataset.list](one).map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return row;
    }),
  );
  section.addEventListener("click", ({ target }) => {
    const file = target instanceof HTMLButtonElement ? files[target.value] : undefined;
    if (!file) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file.write(list)], { type: file.type }));
    link.download = file.name;
    link.click();
  });
}
