import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Block, Inline } from "../types/richtext.js";

/** What a link within an article does. */
export interface Links {
  toAnchor(anchor: string): void;
  toArticle(id: string, anchor: string | null): void;
  /** The name of a table for those who cannot see that it scrolls. */
  readonly table: string;
}

/** Scrolls to a heading. */
export function toAnchor(scope: HTMLElement | null, anchor: string): void {
  const headings = [...(scope?.querySelectorAll<HTMLElement>("[data-anchor]") ?? [])];
  const heading = headings.find((one) => one.dataset["anchor"] === anchor);
  heading?.scrollIntoView({ block: "start" });
  heading?.focus({ preventScroll: true });
}

type Inlines = readonly Inline[];

/** The nodes of a text. Strings from outside only ever become text nodes and attribute values. */
export function richText(blocks: readonly Block[], links: Links | null): unknown {
  return blocks.map((block) => blockOf(block, links));
}

function blockOf(block: Block, links: Links | null): TemplateResult {
  if (block === "rule") return html`<hr />`;
  if ("paragraph" in block) return html`<p dir="auto">${inlines(block.paragraph, links)}</p>`;
  if ("heading" in block) {
    const { level, anchor, content } = block.heading;
    const text = inlines(content, links);
    // The title of the article is the heading over these.
    if (level <= 2) return html`<h3 tabindex="-1" dir="auto" data-anchor=${anchor}>${text}</h3>`;
    if (level === 3) return html`<h4 tabindex="-1" dir="auto" data-anchor=${anchor}>${text}</h4>`;
    return html`<h5 tabindex="-1" dir="auto" data-anchor=${anchor}>${text}</h5>`;
  }
  if ("list" in block) {
    const { ordered, start, items } = block.list;
    const lines = items.map((item) => html`<li dir="auto">${richText(item, links)}</li>`);
    return ordered ? html`<ol start=${start}>${lines}</ol>` : html`<ul>${lines}</ul>`;
  }
  if ("quote" in block) return html`<blockquote>${richText(block.quote, links)}</blockquote>`;
  if ("code" in block) return html`<pre tabindex="0"><code>${block.code}</code></pre>`;
  return table(block.table, links);
}

function table([head, ...rows]: readonly Inlines[][], links: Links | null): TemplateResult {
  return html`
    <div class="table" role="region" tabindex="0" aria-label=${links?.table ?? nothing}>
      <table>
        <thead>
          <tr>
            ${head?.map((cell) => html`<th scope="col" dir="auto">${inlines(cell, links)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => html`<tr>${row.map((cell) => html`<td dir="auto">${inlines(cell, links)}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>
  `;
}

function inlines(content: Inlines, links: Links | null): unknown {
  return content.map((inline) => inlineOf(inline, links));
}

function inlineOf(inline: Inline, links: Links | null): unknown {
  if (inline === "break") return html`<br />`;
  if ("text" in inline) return inline.text;
  if ("strong" in inline) return html`<strong>${inlines(inline.strong, links)}</strong>`;
  if ("emphasis" in inline) return html`<em>${inlines(inline.emphasis, links)}</em>`;
  if ("code" in inline) return html`<code>${inline.code}</code>`;
  if ("image" in inline) {
    const { src, alt } = inline.image;
    return html`<img src=${src} alt=${alt} loading="lazy" decoding="async" referrerpolicy="no-referrer" />`;
  }
  const { href, host, content } = inline.link;
  return link(href, host, inlines(content, links), links);
}

/** The core lets only these through; it is asked for once more where it is used. */
const FOLLOWED = /^(https?:|mailto:|tel:|[^:]*$|[^:]*[/?#])/i;

function link(href: string, host: string, text: unknown, links: Links | null): unknown {
  if (href.startsWith("#") && links) {
    const [article = "", anchor = null] = href.startsWith("#/")
      ? href.slice(2).split("#")
      : ["", href.slice(1)];
    const follow = (event: Event): void => {
      event.preventDefault();
      if (article) links.toArticle(article, anchor);
      else if (anchor) links.toAnchor(anchor);
    };
    return html`<a href=${href} @click=${follow}>${text}</a>`;
  }
  if (!FOLLOWED.test(href)) return text;
  if (/^(mailto|tel):/i.test(href)) return html`<a href=${href}>${text}</a>`;
  return html`<a href=${href} target="_blank" rel="noopener noreferrer"
    >${text}${host ? html`<span class="host"> (${host})</span>` : nothing}</a
  >`;
}
