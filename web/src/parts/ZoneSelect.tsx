import { Select, type SelectProps } from "@mantine/core";

import words from "../words/en/parts";
import { timeZones } from "./regions";

/** A time zone, found by typing. */
export function ZoneSelect(props: Omit<SelectProps, "data">) {
  return (
    <Select
      data={timeZones()}
      searchable
      clearable
      nothingFoundMessage={words.nothingFound}
      limit={500}
      {...props}
    />
  );
}
