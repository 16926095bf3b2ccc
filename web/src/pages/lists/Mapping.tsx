/** The first rows of the file, what each column is, and what each row becomes. */
import { Select, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import type { Preview } from "../../api/lists";
import words from "../../words/en/lists";
import classes from "./ImportForm.module.css";
import { chosen, phoneRank } from "./preview";

const texts = words.form;

interface Props {
  preview: Preview;
  fields: readonly string[];
  /** What the rows become is being asked anew. */
  stale: boolean;
  onChange: (fields: string[]) => void;
}

export function Mapping({ preview, fields, stale, onChange }: Props) {
  const first = preview.header ? 2 : 1;
  return (
    <div className={classes.sheet}>
      <div className={classes.sheetHead}>
        <Text fw={620}>{texts.mapping}</Text>
        <Text size="sm" c="dimmed">
          {texts.mappingLead}
        </Text>
      </div>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={texts.mapping}>
        <table>
          <thead>
            <tr>
              <th className={classes.line} scope="col">
                {texts.line}
              </th>
              {preview.columns.map((column, at) => (
                <th key={column.name} scope="col">
                  <span className={classes.columnName} title={column.name}>
                    {column.name}
                  </span>
                  <Select
                    size="xs"
                    aria-label={texts.fieldOf(column.name)}
                    data={options(fields, at)}
                    value={fields[at] ?? "attribute"}
                    onChange={(field) => field && onChange(chosen(fields, at, field))}
                    allowDeselect={false}
                    comboboxProps={{ width: 200, position: "bottom-start" }}
                  />
                </th>
              ))}
              <th className={classes.becomes} scope="col">
                {texts.becomes}
              </th>
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, index) => {
              const result = preview.results[index];
              return (
                <tr key={index}>
                  <td className={classes.line}>{index + first}</td>
                  {preview.columns.map((column, at) => (
                    <td
                      key={column.name}
                      title={row[at]}
                      data-field={phoneRank(fields[at] ?? "") > 0 ? "phone" : fields[at]}
                      data-bad={(result?.reason && result.column === column.name) || undefined}
                    >
                      {row[at]}
                    </td>
                  ))}
                  <td className={`${classes.becomes} ${stale ? classes.busy : ""}`}>
                    {result && <Becomes result={result} />}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Becomes({ result }: { result: Preview["results"][number] }) {
  if (result.reason !== null) {
    return (
      <span className={classes.bad}>
        <IconAlertTriangle size={15} aria-hidden />
        <span>
          {texts.refusedRow}: {result.reason}
        </span>
      </span>
    );
  }
  const zones = [...new Set(result.zones)].map((zone) => {
    const candidates = zone.split("|");
    return candidates.length > 2 ? texts.several(candidates.length) : candidates.join(" or ");
  });
  return (
    <>
      <span className={classes.good}>{result.phones.join(", ")}</span>
      <span className={classes.zone}>{zones.join(", ") || texts.zoneUnknown}</span>
    </>
  );
}

/** What the column at `index` can be; one more phone than there are. */
function options(fields: readonly string[], index: number) {
  const phones = fields.filter((field) => phoneRank(field) > 0).length;
  const own = fields[index] ?? "attribute";
  const most = Math.min(10, phoneRank(own) > 0 ? phones : phones + 1);
  const found = [
    { value: "phone", label: words.fields.phone },
    ...Array.from({ length: Math.max(0, most - 1) }, (_, at) => ({
      value: `phone_${at + 2}`,
      label: words.fields.phoneNth(at + 2),
    })),
    ...(["name", "zone", "region", "priority", "attribute", "ignore"] as const).map((value) => ({
      value: value as string,
      label: words.fields[value] as string,
    })),
  ];
  // "attribute:KEY", which the API knows, stays choosable where it is.
  if (!found.some(({ value }) => value === own)) found.push({ value: own, label: own });
  return found;
}
