const SVG = "http://www.w3.org/2000/svg";

function icon(name: string, path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", name);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** An element with a class, a part of the same name that a page may style, and children. */
export function part<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name: string,
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = name;
  element.part.add(name);
  element.append(...children);
  return element;
}

/** The round button and its badge. */
export function launcherButton(badge: HTMLElement): HTMLButtonElement {
  const button = part(
    "button",
    "launcher",
    icon(
      "open-mark",
      "M12 3.5c5 0 8.7 3.2 8.7 7.6s-3.7 7.6-8.7 7.6c-.9 0-1.8-.1-2.6-.3L4.8 20.5l.7-3.8C4.1 15.3 3.3 13.3 3.3 11.1 3.3 6.7 7 3.5 12 3.5zM8.5 12.6c.9 1.1 2.1 1.7 3.5 1.7s2.6-.6 3.5-1.7",
    ),
    icon("close-mark", "M6 9.5l6 6 6-6"),
    badge,
  );
  button.type = "button";
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  return button;
}
