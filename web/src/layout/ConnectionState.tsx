/** Whether what the dashboard shows is live. */
import { useConnection, useLive } from "../live/store";
import { Dot, LostBanner } from "../parts/Connection";
import words from "../words/en/common";

export function ConnectionDot() {
  return <Dot connection={useConnection()} />;
}

export function ConnectionBanner() {
  return <LostBanner lostAt={useLive((now) => now.lostAt)} more={words.connection.lostPause} />;
}
