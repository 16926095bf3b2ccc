/** A refused or failed request, as RFC 9457 problem documents tell it. */
export class Problem extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** What kind, as the last part of the document's `type`: "conflict", "not-found" … */
  readonly slug: string;
  /** What is wrong with which field, where the server names fields. */
  readonly fields: readonly { field: string; message: string }[];
  /** The whole document. */
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(text(body["detail"]) ?? text(body["title"]) ?? `The server answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.slug = (text(body["type"]) ?? "").split("/").pop() ?? "";
    this.fields = fieldsOf(body["errors"]);
    this.body = body;
  }

  /** No answer: the network, or the server, is away. Trying again may help. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** What is wrong with the field of this name, if the server said. */
  of(field: string): string | undefined {
    return this.fields.find((each) => each.field === field)?.message;
  }
}

/** Whatever was thrown, as a Problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof TypeError ? "The server cannot be reached." : String(error);
  return new Problem(0, { detail });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function fieldsOf(errors: unknown): { field: string; message: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((each: unknown) => {
    if (typeof each !== "object" || each === null) return [];
    const { field, message } = each as Record<string, unknown>;
    return [{ field: text(field) ?? "", message: text(message) ?? "" }];
  });
}
