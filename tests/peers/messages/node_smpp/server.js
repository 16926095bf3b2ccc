// A message centre by node-smpp, for tests/peers/messages/test_second_implementation.py.
//
// Prints one JSON object a line: first {"port"}, then what it saw. Its decoding of texts and headers
// is its own; ours has no part in it.
"use strict";

const smpp = require("smpp");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
let next = 0;

function textOf(message) {
    if (Buffer.isBuffer(message)) return { text: message.toString("latin1"), udh: [] };
    const udh = (message.udh || []).map((element) => Buffer.from(element).toString("hex"));
    return { text: message.message, udh };
}

function receipt(session, pdu, id) {
    session.deliver_sm({
        source_addr: pdu.destination_addr,
        source_addr_ton: pdu.dest_addr_ton,
        source_addr_npi: pdu.dest_addr_npi,
        destination_addr: pdu.source_addr,
        dest_addr_ton: pdu.source_addr_ton,
        dest_addr_npi: pdu.source_addr_npi,
        esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
        short_message: `id:${id} sub:001 dlvrd:001 submit date:2611260101 done date:2611260101 ` +
            "stat:DELIVRD err:000 text:",
        receipted_message_id: id,
        message_state: smpp.MESSAGE_STATE.DELIVERED,
    }, (answer) => say({ event: "noted", what: "receipt", id, status: answer.command_status }));
}

function reply(session, pdu) {
    session.deliver_sm({
        source_addr: pdu.destination_addr,
        source_addr_ton: pdu.dest_addr_ton,
        destination_addr: pdu.source_addr,
        dest_addr_ton: pdu.source_addr_ton,
        short_message: "STOP €",
    }, (answer) => say({ event: "noted", what: "reply", status: answer.command_status }));
}

const server = smpp.createServer({}, (session) => {
    session.on("bind_transceiver", (pdu) => {
        const good = pdu.system_id === "us" && pdu.password === "good";
        say({ event: "bind", system_id: pdu.system_id, version: pdu.interface_version, good });
        session.send(pdu.response(good ? {} : { command_status: smpp.ESME_RINVPASWD }));
    });
    session.on("submit_sm", (pdu) => {
        const refused = pdu.destination_addr.endsWith("99");
        const id = refused ? "" : `n${++next}`;
        say({
            event: "submit", id, source: pdu.source_addr, ton: pdu.source_addr_ton,
            dest: pdu.destination_addr, coding: pdu.data_coding, esm: pdu.esm_class,
            registered: pdu.registered_delivery, validity: pdu.validity_period,
            ...textOf(pdu.short_message),
        });
        session.send(pdu.response(refused
            ? { command_status: smpp.ESME_RINVDSTADR } : { message_id: id }));
        if (refused) return;
        if (pdu.registered_delivery) receipt(session, pdu, id);
        if (pdu.destination_addr.endsWith("98")) reply(session, pdu);
    });
    session.on("enquire_link", (pdu) => session.send(pdu.response()));
    session.on("unbind", (pdu) => {
        say({ event: "unbind" });
        session.send(pdu.response());
        session.close();
    });
    session.on("error", (error) => say({ event: "error", why: String(error) }));
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
