/** The one softphone of the page, for the components. */
import { useSyncExternalStore } from "react";

import { connect } from "../../api/desk";
import { type Phone, Softphone } from "./Softphone";

let made: Softphone | null = null;

export function softphone(): Softphone {
  made ??= new Softphone(connect);
  return made;
}

/** A part of how it stands; `select` must give the same object for the same state. */
export function usePhone<Part>(select: (phone: Phone) => Part): Part {
  const phone = softphone();
  return useSyncExternalStore(phone.subscribe, () => select(phone.current()));
}
