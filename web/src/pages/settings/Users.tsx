import { Badge, Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconKey,
  IconPlus,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { useState } from "react";

import { addUser, newOneTimePassword, setDisabled, type User, users } from "../../api/people";
import { useSession } from "../../api/session";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { day, when } from "../../parts/format";
import { refused, undoable } from "../../parts/notices";
import { RemoveDialog } from "../../parts/RemoveDialog";
import { RowAction } from "../../parts/RowActions";
import { SecretDialog } from "../../parts/Secret";
import { Section } from "../../parts/Section";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/settings";
import { NameForm } from "./NameForm";
import classes from "./Settings.module.css";

const texts = words.users;

export default function Users() {
  const found = useQuery(users);
  const client = useQueryClient();
  const me = useSession().data?.user;
  const [adding, setAdding] = useState(false);
  const [resetting, setResetting] = useState<User | null>(null);
  const [shown, setShown] = useState<{ name: string; one_time_password: string } | null>(null);
  const again = () => client.invalidateQueries({ queryKey: users.queryKey });

  const disable = async ({ name }: User, disabled: boolean): Promise<void> => {
    try {
      await setDisabled(name, disabled);
    } catch (error) {
      refused(error);
      return;
    }
    void again();
    undoable(disabled ? texts.wasDisabled(name) : texts.wasEnabled(name), async () => {
      await setDisabled(name, !disabled);
      await again();
    });
  };

  return (
    <Section
      title={words.tabs.users}
      lead={texts.lead}
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          {texts.add}
        </Button>
      }
    >
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : (
        <DataTable
          label={words.tabs.users}
          rows={found.data.items}
          rowKey={(row) => row.name}
          faded={(row) => row.disabled_at !== null}
          columns={[
            {
              key: "name",
              head: texts.name,
              cell: (row) => (
                <>
                  <strong>{row.name}</strong>
                  {row.name === me && (
                    <Badge ml={8} size="sm" variant="default" tt="none">
                      {texts.you}
                    </Badge>
                  )}
                </>
              ),
            },
            { key: "state", head: texts.state, cell: (row) => <State user={row} /> },
            {
              key: "signed",
              head: texts.signedIn,
              cell: (row) => (row.signed_in_at ? when(row.signed_in_at) : common.notYet),
            },
            { key: "by", head: texts.by, cell: (row) => row.created_by },
            { key: "at", head: texts.at, cell: (row) => day(row.created_at) },
            {
              key: "actions",
              head: texts.actions,
              actions: true,
              cell: (row) =>
                row.name === me ? null : (
                  <>
                    <RowAction
                      icon={IconKey}
                      label={texts.reset}
                      named={texts.resetNamed(row.name)}
                      onClick={() => setResetting(row)}
                    />
                    {row.disabled_at === null ? (
                      <RowAction
                        icon={IconUserOff}
                        label={texts.disable}
                        named={texts.disableNamed(row.name)}
                        onClick={() => void disable(row, true)}
                      />
                    ) : (
                      <RowAction
                        icon={IconUserCheck}
                        label={texts.enable}
                        named={texts.enableNamed(row.name)}
                        onClick={() => void disable(row, false)}
                      />
                    )}
                  </>
                ),
            },
          ]}
        />
      )}
      {adding && (
        <NameForm
          title={texts.formTitle}
          label={texts.name}
          hint={texts.formHint}
          submit={texts.formAdd}
          make={addUser}
          onMade={(made) => {
            setAdding(false);
            setShown(made);
            void again();
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {resetting && (
        <RemoveDialog
          title={texts.resetTitle(resetting.name)}
          name={null}
          confirm={texts.resetConfirm}
          remove={async () => setShown(await newOneTimePassword(resetting.name))}
          onClose={() => setResetting(null)}
          onDone={() => void again()}
        >
          {texts.resetLead}
        </RemoveDialog>
      )}
      {shown && (
        <SecretDialog
          title={texts.oneTimeTitle(shown.name)}
          lead={texts.oneTimeLead(shown.name)}
          secret={shown.one_time_password}
          onClose={() => setShown(null)}
        />
      )}
    </Section>
  );
}

function State({ user }: { user: User }) {
  if (user.disabled_at !== null) {
    return (
      <span className={classes.state}>
        <IconUserOff size={16} aria-hidden /> {texts.disabled}
      </span>
    );
  }
  if (user.must_change_password) {
    return (
      <span className={classes.state}>
        <IconCircleDashed size={16} aria-hidden /> {texts.invited}
      </span>
    );
  }
  return (
    <span className={classes.state} data-good>
      <IconCircleCheck size={16} aria-hidden /> {texts.active}
    </span>
  );
}
