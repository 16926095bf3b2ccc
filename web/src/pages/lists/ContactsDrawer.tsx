import { Drawer, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type ContactList, contactsOf } from "../../api/lists";
import { Failure } from "../../parts/Failure";
import { Waiting } from "../../parts/Waiting";
import common from "../../words/en/common";
import words from "../../words/en/lists";
import classes from "./Lists.module.css";

const texts = words.contacts;

/** The first contacts of a list, to see what is in it. */
export function ContactsDrawer({ list, onClose }: { list: ContactList; onClose: () => void }) {
  const found = useQuery(contactsOf(list.name));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={680}
      title={<Text fw={650}>{texts.title(list.name)}</Text>}
      closeButtonProps={{ "aria-label": common.close }}
    >
      {found.isPending ? (
        <Waiting />
      ) : found.error ? (
        <Failure problem={found.error} again={() => void found.refetch()} />
      ) : found.data.items.length === 0 ? (
        <Text c="dimmed">{texts.none}</Text>
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {texts.lead(found.data.items.length, list.contacts)}
          </Text>
          <Table.ScrollContainer minWidth={560}>
            <Table fz="sm" verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th ta="right">{texts.line}</Table.Th>
                  <Table.Th>{texts.phones}</Table.Th>
                  <Table.Th>{texts.zones}</Table.Th>
                  <Table.Th>{texts.rest}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.data.items.map((contact) => (
                  <Table.Tr key={contact.id}>
                    <Table.Td ta="right" className="num">
                      {contact.line}
                    </Table.Td>
                    <Table.Td className="num">{contact.phones.join(", ")}</Table.Td>
                    <Table.Td>
                      {[...new Set(contact.zones)].join(", ").replaceAll("|", " or ")}
                    </Table.Td>
                    <Table.Td className={classes.attributes}>
                      {Object.entries(contact.attributes)
                        .map(([key, value]) => `${key}: ${String(value)}`)
                        .join(" · ")}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
    </Drawer>
  );
}
