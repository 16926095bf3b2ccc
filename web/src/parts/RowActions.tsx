import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import type { ComponentType } from "react";

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
