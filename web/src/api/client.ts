/**
 * The one way to the server: typed by the OpenAPI document, errors as `Problem`.
 *
 *     const page = await ask(api.GET("/api/v1/trunks", { params: { query: { limit: 50 } } }));
 */
import createClient, { type Middleware } from "openapi-fetch";

import { asProblem, Problem } from "./problem";
import type { components, paths } from "./schema";

/** A type of the API by its name in the OpenAPI document. */
export type Api<Name extends keyof components["schemas"]> = components["schemas"][Name];

/**
 * What an answer holds: the document calls each field with a default optional, because a request may
 * leave it out; an answer never does.
 */
export type Answered<Type> = Type extends (infer Item)[]
  ? Type extends [unknown, ...unknown[]]
    ? Type
    : Answered<Item>[]
  : Type extends object
    ? { [Name in keyof Type]-?: Answered<Exclude<Type[Name], undefined>> }
    : Type;

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);

let csrfToken: string | null = null;
let onSignedOut: () => void = () => undefined;

/** What the session told us to send with everything that changes something. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Call this when the server says that nobody is signed in (any more). */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

/** The headers that a request of this method needs, for what does not go through `api`. */
export function headersFor(method: string): Record<string, string> {
  return UNSAFE.has(method) && csrfToken !== null ? { "X-CSRF-Token": csrfToken } : {};
}

const ours: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headersFor(request.method))) {
      request.headers.set(name, value);
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
    return response;
  },
};

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(ours);

/** The data of an answer; throws `Problem`. */
export async function ask<Data>(request: Promise<{ data?: Data }>): Promise<Answered<Data>> {
  try {
    return (await request).data as Answered<Data>;
  } catch (error) {
    throw asProblem(error);
  }
}

/** The problem that an answer other than 2xx stands for. */
export async function problemOf(response: Response): Promise<Problem> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // Not a problem document: a proxy's page, or nothing.
  }
  if (response.status === 401) onSignedOut();
  const known = typeof body === "object" && body !== null ? body : {};
  return new Problem(response.status, known as Record<string, unknown>);
}
