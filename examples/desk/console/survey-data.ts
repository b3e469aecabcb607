// What the desk says of surveys, and how it is asked.

import type { Score } from "../../../js/types/client.js";
import type { SurveyDefinition } from "../../../js/types/survey.js";

export interface Listed {
  site: string;
  id: string;
  version: number;
  active: boolean;
  savedAt: number;
  definition: SurveyDefinition;
}

export interface Problem {
  path: string;
  /** What the console has words for as `mistake.<code>`, and what they name. */
  code: string;
  values: Record<string, string>;
  /** In English, for a code that is not known here. */
  sentence: string;
}

export interface Count {
  value: string;
  label: string;
  n: number;
}

export interface Group {
  id: string;
  name: string;
  shown: number;
  answered: number;
  score: Score | null;
}

export type Step = "day" | "week" | "month";

export interface Trend {
  step: Step;
  /** One after the other, those included in which nobody answered. */
  periods: { from: number; score: Score }[];
}

export type Metric = Score & { metric: "csat" | "nps" | "ces"; range: [number, number] };

export interface Report {
  shown: number;
  answered: number;
  finished: number;
  dismissed: number;
  responseRate: number | null;
  completionRate: number | null;
  score: Metric | null;
  /** Of the first rating; null where nobody answered it. */
  trend: Trend | null;
  byAgent: Group[];
  byTeam: Group[];
  bySource: Group[];
  byLanguage: Group[];
  questions: { id: string; type: string; headline: string; asked: number; answered: number; distribution: Count[] }[];
  comments: { conversation: string | null; at: number; rating: number | null; text: string }[];
}

/** The desk refused: not signed in any more, or out of reach. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`);
  }
}

export class SurveyDesk {
  constructor(
    private readonly token: string,
    private readonly language: string,
  ) {}

  async list(): Promise<{ sites: string[]; surveys: Listed[] }> {
    return (await (await this.ask("../v1/agent/surveys")).json()) as { sites: string[]; surveys: Listed[] };
  }

  /** The new version, or what is wrong. */
  async save(site: string, active: boolean, definition: unknown): Promise<number | Problem[]> {
    const body = JSON.stringify({ site, active, definition });
    const headers = { ...this.headers(), "content-type": "application/json" };
    const response = await fetch("../v1/agent/surveys", { method: "POST", headers, body });
    const answer = (await response.json().catch(() => ({}))) as { version?: number; problems?: Problem[] };
    if (response.status === 422) return answer.problems ?? [];
    if (!response.ok) throw new Refused(response.status);
    return answer.version ?? 0;
  }

  async results(survey: Listed, filter: URLSearchParams): Promise<Report> {
    return (await (await this.ask(`${address(survey)}/results?${filter}`)).json()) as Report;
  }

  async csv(survey: Listed, filter: URLSearchParams): Promise<Blob> {
    return (await this.ask(`${address(survey)}/responses.csv?${filter}`)).blob();
  }

  private async ask(path: string): Promise<Response> {
    const response = await fetch(path, { headers: this.headers() });
    if (!response.ok) throw new Refused(response.status);
    return response;
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}`, "accept-language": this.language };
  }
}

function address({ site, id }: Listed): string {
  return `../v1/agent/surveys/${encodeURIComponent(site)}/${encodeURIComponent(id)}`;
}
