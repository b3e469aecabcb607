/** What the visitor searched for before, where the site asks for it: on this device only. */
const RECENT_MAX = 5;

export class Recent {
  /** @param key where it is kept */
  constructor(private readonly key: string) {}

  list(): string[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string").slice(0, RECENT_MAX) : [];
    } catch {
      return [];
    }
  }

  add(query: string): void {
    const others = this.list().filter((one) => one !== query);
    this.keep([query, ...others].slice(0, RECENT_MAX));
  }

  forget(): void {
    this.keep([]);
  }

  /** Where nothing can be stored nothing is remembered. */
  private keep(queries: string[]): void {
    try {
      if (queries.length > 0) localStorage.setItem(this.key, JSON.stringify(queries));
      else localStorage.removeItem(this.key);
    } catch {
      return;
    }
  }
}
