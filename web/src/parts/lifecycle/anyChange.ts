import type { PauseChanges } from "../../api/campaign";

/** Whether there is something to be seen before a resume. */
export function anyChange(changes: PauseChanges): boolean {
  return (
    changes.settings.length + changes.do_not_call.length > 0 || changes.missed_callbacks.number > 0
  );
}
