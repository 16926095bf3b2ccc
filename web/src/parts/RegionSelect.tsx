import { Select, type SelectProps } from "@mantine/core";

import words from "../words/en/parts";
import { regions } from "./regions";

/** A country, found by typing. */
export function RegionSelect(props: Omit<SelectProps, "data">) {
  return (
    <Select
      label={words.region}
      data={regions()}
      searchable
      clearable
      placeholder={words.anyRegion}
      nothingFoundMessage={words.nothingFound}
      limit={300}
      {...props}
    />
  );
}
