/** So near to the end counts as the end. */
const END_PX = 48;

/** Where the reader is in a list that grows at both ends, and stays there while it does. */
export class ScrollPlace {
  /** Whether the newest entry is to stay in sight. */
  atEnd = true;
  private fromEnd = 0;
  private top = 0;
  /** The first message before the eyes, and how far it is from the upper edge. */
  private anchor: HTMLElement | undefined;
  private anchorTop = 0;

  constructor(readonly box: HTMLElement) {}

  /** The reader scrolled. */
  moved(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    // A hidden panel has no height and says nothing of the reader.
    if (clientHeight === 0) return;
    this.top = scrollTop;
    this.fromEnd = scrollHeight - scrollTop;
    this.atEnd = this.fromEnd - clientHeight < END_PX;
    const messages = [...this.box.querySelectorAll<HTMLElement>("[data-key]")];
    this.anchor = messages.find((one) => one.offsetTop + one.offsetHeight > scrollTop);
    this.anchorTop = (this.anchor?.offsetTop ?? 0) - scrollTop;
  }

  /** The list, or the room for it, has another size. */
  resized(): void {
    if (this.box.clientHeight === 0) return;
    if (this.atEnd) this.toEnd();
    else if (this.box.scrollTop === 0 && this.top > 0) this.box.scrollTop = this.top;
  }

  /** Entries came or went before those that are shown: what is before the eyes stays there. */
  shifted(): void {
    const { box, anchor } = this;
    box.scrollTop = anchor?.isConnected ? anchor.offsetTop - this.anchorTop : box.scrollHeight - this.fromEnd;
    this.moved();
  }

  toEnd(behavior: ScrollBehavior = "instant"): void {
    this.atEnd = true;
    this.box.scrollTo({ top: this.box.scrollHeight, behavior });
  }

  to(element: HTMLElement, lead: number): void {
    this.box.scrollTop = Math.max(0, element.offsetTop - lead);
    this.moved();
  }
}
