/** What the person says about the file beside its columns. */
import { Autocomplete, Checkbox, Collapse, Radio, Select, Stack, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";

import type { ContactList, ImportWishes, Preview } from "../../api/lists";
import { RegionSelect } from "../../parts/RegionSelect";
import words from "../../words/en/lists";
import classes from "./ImportForm.module.css";

const texts = words.form;

interface Props {
  wishes: ImportWishes;
  found: Preview | null;
  lists: ContactList[];
  fixedList: boolean;
  change: (wishes: Partial<ImportWishes>) => void;
}

export function Wishes({ wishes, found, lists, fixedList, change }: Props) {
  const existing = lists.find((each) => each.name === wishes.name.trim());
  return (
    <>
      <div className={classes.wishes}>
        <Stack gap="md">
          <Autocomplete
            label={texts.name}
            description={existing ? texts.nameKnown(existing.contacts) : texts.nameNew}
            data={lists.map((each) => each.name)}
            value={wishes.name}
            onChange={(name) => change({ name })}
            readOnly={fixedList}
            maxLength={200}
            inputWrapperOrder={["label", "input", "description", "error"]}
            required
            withAsterisk={false}
          />
          <RegionSelect
            label={texts.region}
            description={texts.regionHint}
            value={wishes.region}
            onChange={(region) => change({ region })}
            inputWrapperOrder={["label", "input", "description", "error"]}
          />
        </Stack>
        <Radio.Group
          label={texts.duplicates}
          value={wishes.duplicates}
          onChange={(value) => change({ duplicates: value as ImportWishes["duplicates"] })}
        >
          <Stack gap={8} mt={6}>
            <Radio value="skip" label={texts.skip} description={texts.skipHint} />
            <Radio value="update" label={texts.update} description={texts.updateHint} />
          </Stack>
        </Radio.Group>
        <Stack gap={10}>
          <Checkbox
            label={texts.across}
            checked={wishes.across_lists === "skip"}
            onChange={(event) =>
              change({ across_lists: event.currentTarget.checked ? "skip" : "allow" })
            }
          />
          <Checkbox
            label={texts.strict}
            description={texts.strictHint}
            checked={wishes.strict}
            onChange={(event) => change({ strict: event.currentTarget.checked })}
          />
          <FileLayout wishes={wishes} found={found} change={change} />
        </Stack>
      </div>
    </>
  );
}

const DELIMITERS = [",", ";", "\t", "|"];
const ENCODINGS = ["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-2", "windows-1250", "windows-1251", "shift_jis", "gb18030", "big5", "euc-kr"]; // prettier-ignore

function FileLayout({ wishes, found, change }: Pick<Props, "wishes" | "found" | "change">) {
  const [open, { toggle }] = useDisclosure(false);
  const Icon = open ? IconChevronDown : IconChevronRight;
  const named = (value: string) => (value === "\t" ? texts.tab : value);
  const hint = (value: string | null | undefined) => (value ? texts.found(named(value)) : texts.auto);
  return (
    <div>
      <UnstyledButton onClick={toggle} aria-expanded={open} fz="sm" fw={560} c="var(--accent)">
        <Icon size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> {texts.layout}
      </UnstyledButton>
      <Collapse expanded={open}>
        <div className={classes.layout} style={{ padding: "10px 0 0" }}>
          <Select
            label={texts.header}
            data={[
              { value: "auto", label: texts.headerAuto },
              { value: "yes", label: texts.headerYes },
              { value: "no", label: texts.headerNo },
            ]}
            value={wishes.header}
            allowDeselect={false}
            onChange={(value) => change({ header: (value ?? "auto") as ImportWishes["header"] })}
          />
          {found === null || found.sheets.length === 0 ? (
            <>
              <Select
                label={texts.delimiter}
                placeholder={hint(found?.delimiter)}
                data={DELIMITERS.map((value) => ({ value, label: named(value) }))}
                value={wishes.delimiter}
                onChange={(delimiter) => change({ delimiter })}
                clearable
              />
              <Select
                label={texts.encoding}
                placeholder={hint(found?.encoding)}
                data={ENCODINGS}
                value={wishes.encoding}
                onChange={(encoding) => change({ encoding })}
                clearable
              />
            </>
          ) : (
            <Select
              label={texts.sheet}
              data={found.sheets}
              value={wishes.sheet ?? found.sheet}
              onChange={(sheet) => change({ sheet })}
              allowDeselect={false}
            />
          )}
        </div>
      </Collapse>
    </div>
  );
}
