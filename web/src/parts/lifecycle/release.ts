/** Who may approve the release of an emergency stop. The server decides; this is for the screen. Pure. */
import type { Campaign } from "../../live/state";

type Request = NonNullable<Campaign["release_request"]>;

/** Whether I asked for it; names are told apart as the server does. */
export function asksMyself(request: Request, me: string | null): boolean {
  return me !== null && request.asked_by.toLowerCase() === me.toLowerCase();
}

/** The campaigns whose release I could approve, and who asks. */
export function toApprove(
  campaigns: Iterable<Campaign>,
  me: string | null,
): { campaigns: Campaign[]; askedBy: string[] } {
  const found = [...campaigns].filter(
    ({ release_request: request }) => request !== null && !asksMyself(request, me),
  );
  const askedBy = new Set(found.map((each) => each.release_request?.asked_by ?? ""));
  return { campaigns: found, askedBy: [...askedBy].sort() };
}
