import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";

import type { Column } from "./DataTable";

interface Props {
  icon: ComponentType<{ size?: number }>;
  /** Short, for the tooltip. */
  label: string;
  /** With the row's name, for those who do not see the row. */
  named: string;
  onClick: () => void;
  disabled?: boolean;
}

/** A small button at the end of a row. */
export function RowAction({ icon: Icon, label, named, onClick, disabled }: Props) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={34}
        aria-label={named}
        onClick={onClick}
        disabled={disabled}
      >
        <Icon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

type Known = Omit<Props, "icon">;

export const EditAction = (props: Known) => <RowAction icon={IconPencil} {...props} />;
export const RemoveAction = (props: Known) => <RowAction icon={IconTrash} {...props} />;

interface ChangeAndRemove<Row> {
  words: { actions: string; edit: string; remove: string };
  texts: { editNamed: (name: string) => string; removeNamed: (name: string) => string };
  name: (row: Row) => string;
  /** What else can be done with a row, before these two. */
  more?: (row: Row) => ReactNode;
  change: (row: Row) => void;
  remove: (row: Row) => void;
}

/** The last column of a table whose rows can be changed and removed. */
export function changeAndRemove<Row>(props: ChangeAndRemove<Row>): Column<Row> {
  const { words, texts, name, more, change, remove } = props;
  return {
    key: "actions",
    head: words.actions,
    actions: true,
    cell: (row) => (
      <>
        {more?.(row)}
        <EditAction
          label={words.edit}
          named={texts.editNamed(name(row))}
          onClick={() => change(row)}
        />
        <RemoveAction
          label={words.remove}
          named={texts.removeNamed(name(row))}
          onClick={() => remove(row)}
        />
      </>
    ),
  };
}
