/*
 * The pause protocol as the code does it, small enough to be searched through in full.
 *
 * One campaign; one cell in detail, with its line; the other cells as what this one can notice of
 * them (`Others`); one PostgreSQL; one manager, who pauses and resumes. One cell is enough: silence
 * is confirmed when *each* lease is acknowledged or outlived, so what holds for one cell among
 * others that do anything at all, holds for all of them.
 *
 * Each atomic step is one turn of an event loop or one transaction, under the name of the function
 * that does it. Whatever takes time is a step of its own, so that anything may come in between:
 *  - a process that is stopped (SIGSTOP) or starved: any step may wait while `Clock` ticks on;
 *  - a cell cut off from the database: statements wait, or are lost before or after they took
 *    effect (`answer_lost`), and notices never come (`notice_lost`);
 *  - kill -9 of the cell: `cell_dies`, at any moment;
 *  - a fail-over to a standby that has all that was committed: `fail_over`. Every connection ends in
 *    one moment, and no commit stays in doubt: it has happened, or never will. With a standby that
 *    lacks what was committed last, -D FAULT_ASYNCHRONOUS_STANDBY, the promise is broken.
 *
 * With -D PARTS, the manager may, instead of the campaign, pause a part of it that the lead belongs to
 * (store/hold.py): the rights of before end in the same way, the campaign goes on, cells have new
 * leases at once, and the transaction of a launch refuses the lead.
 *
 * Assumed: a transaction is one step (the row locks of lease.sql and lifecycle.sql see to it, and
 * tests/postgres to them); clocks run at the same rate within the margin; the line's look at the
 * gate and its datagram are one step (-D FAULT_LINE_STALLS_AT_SOCKET shows what follows if not).
 *
 * Asserted where an INVITE leaves: SILENCE, JOURNAL_FIRST, ONCE; at the end of every history:
 * NOTHING_LOST. Each -D FAULT_... breaks one step of the protocol, and test_model.py wants a
 * violation for each of them.
 */

#ifndef PAUSES
#define PAUSES 1
#endif

/* Time in ticks. TTL: LEASE_TTL_S. GATE: the ttl less the margin. SILENT: lease.SILENT_FOR. */
#define TTL 2
#define GATE 1
#define SILENT 2

#define COUNT_DOWN(n) if :: n > 0 -> n-- :: else fi
#define COUNT_UP(n, top) if :: n < top -> n++ :: else fi

mtype = { DIAL, SHUT };                           /* voice/port.py, cell to line */
mtype = { RUNNING, PAUSING, PAUSED };             /* campaign.state */
mtype = { DUE, CLAIMED, IN_PROGRESS, IN_DOUBT, DONE };  /* lead.state; IN_DOUBT waits its gap */
mtype = { RENEW, ACQUIRE, REVOKED };              /* the statements of Cell._lease_loop */
mtype = { NOTHING, SENT, HEARD };                 /* one of these: none, on its way, answered */
mtype = { FREE, ASKED, WRITTEN, REFUSED, UNKNOWN };  /* Hands._prepare: a launch being journalled */
mtype = { NOBODY, CELL, OTHER };                  /* lead.cell_id */

/* ---------------------------------------------------------------- PostgreSQL, as committed */
mtype state = RUNNING;
byte epoch = 1;
byte lease = 0;                     /* epoch of the cell's lease, 0 where there is none */
bool revoked = false;
bool part = false;                  /* the lead's part of the campaign is paused (campaign_hold) */
mtype lead = DUE;
mtype holder = NOBODY;
byte serial = 0;                    /* which attempt of the lead it is (attempt.id), modulo 3 */
byte silent_for = 0;                /* ticks since the cell was last heard of, as others see it */

/* ---------------------------------------------------------------- the cell (cell/cell.py) */
bool dead = false;
mtype lane = NOTHING;               /* the lease loop's own connection */
mtype asked = RENEW;
byte answer = 0;                    /* the epoch that it returned, 0 for no row */
byte age = 0;                       /* ticks since t0, which is noted before it is sent */
bool stale = false;                 /* it was sent before the gate was last shut (_shut_at) */
bool known = false;                 /* `running` came with the lease that stands now ... */
bool same = false;                  /* ... and did so when the statement was done (acquired_at) */
bool told = false;                  /* the answer is of the lease that stands now */
byte notice = 0;                    /* a notice on its way: the epoch that it shuts */
byte running = 0;                   /* runner.epoch, 0 for None */
bool silencing = false;             /* held.silencing */
byte again = 0;                     /* held.silence_again */
mtype launch = FREE;                /* FREE: held.launching is not locked */
byte launch_epoch = 0;
byte launch_serial = 0;
bool doubt = false;                 /* its answer is lost, and it commits yet */

/* ---------------------------------------------------------------- the line (voice/line/) */
chan pipe = [2] of { mtype, byte, byte };
byte owed = 0;                      /* ShutGates without an answer (Silencer._owed) */
byte gate_epoch = 0;
byte gate_left = 0;                 /* ticks until the gate shuts by itself */
byte call_epoch = 0;                /* of the call on the wire that is not answered, 0 for none */

/* ---------------------------------------------------------------- the manager, the judge */
bool silent = false;                /* confirmed, and not resumed: the campaign, or its part */
byte waited = 0;                    /* ticks since the pauser's commit, on its own clock */
bool invited = false;
bool closing = false;               /* the history comes to its end */

/* ---------------------------------------------------------------- faults: a step left out */
#ifdef FAULT_RENEWAL_WITHOUT_REVOKED_CHECK
#define RENEWABLE (lease != 0)
#else
#define RENEWABLE (lease != 0 && !revoked)
#endif
#define LEASE_HELD (lease == launch_epoch && !revoked)
#ifdef FAULT_LAUNCH_OF_A_PAUSED_PART
#define PARTS
#define LEAD_IS_FREE true
#else
#define LEAD_IS_FREE (!part)
#endif
/* A launch in doubt holds its lease FOR SHARE, and the lead's row, until it has committed. */
#define MAY_LAUNCH \
    (launch == ASKED && LEASE_HELD && lead == CLAIMED && holder == CELL && LEAD_IS_FREE)
/* Of a part's pause: every lease of before it is gone (store/sql: seal_receipts). */
#define PART_AWAITED (part && !silent)
#define OLD_LEASE (lease != 0 && revoked)
#ifdef FAULT_CONFIRMED_WITHOUT_THE_TTL
#define OUTLIVED true
#else
#define OUTLIVED (waited == TTL)
#endif
#ifdef FAULT_TAKE_OVER_BY_WALL_CLOCK
#define IS_SILENT true
#else
#define IS_SILENT (silent_for == SILENT)
#endif
#ifdef FAULT_STALE_ANSWER_OPENS
#define MAY_OPEN (!silencing)
#else
#define MAY_OPEN (!silencing && !stale)
#endif
#ifdef FAULT_LOSS_UNNOTICED
#define LOST false
#else
#define LOST (running != 0 && !same)
#endif
#ifdef FAULT_ACKNOWLEDGED_BEFORE_GATE_SHUT
#define LINE_HAS_ANSWERED true
#else
#define LINE_HAS_ANSWERED (owed == 0)
#endif
#ifdef FAULT_ACKNOWLEDGED_DURING_LAUNCH
#define LAUNCH_IS_OVER true
#else
#define LAUNCH_IS_OVER (launch == FREE)
#endif
#ifdef FAULT_UNDO_DOES_NOT_WAIT
#define LEAD_IS_UNLOCKED true
#else
#define LEAD_IS_UNLOCKED (!doubt)
#endif
#ifdef FAULT_RETRANSMISSION_WITHOUT_GATE
#define MAY_REPEAT true
#else
#define MAY_REPEAT GATE_IS_OPEN(call_epoch)
#endif
#ifdef FAULT_GATE_WITHOUT_DEADLINE
#define GATE_IS_OPEN(e) (gate_epoch == (e))
#define WHEN_IT_RAN_OUT gate_epoch
#else
#define WHEN_IT_RAN_OUT 0
#define GATE_IS_OPEN(e) (gate_epoch == (e) && gate_left > 0)
#endif
/* lifecycle._seal_if_silent: whoever removes the last lease confirms, in the same transaction. That
 * other cells acknowledge later would only put it off. */
inline seal_if_silent() {
    if
    :: state == PAUSING && lease == 0 -> state = PAUSED; epoch++; silent = true
#ifdef PARTS
    :: PART_AWAITED && !OLD_LEASE -> silent = true
#endif
    :: else
    fi
}

inline drop_lease() {
    lease = 0; revoked = false; known = false; told = false
}

/* The lead is worked, and nothing of it is on its way: no property can be broken any more.
 * (Whoever makes it so does it in the last step of its turn.) */
#define OVER ((lead == DONE || lead == IN_DOUBT) && call_epoch == 0 && launch == FREE && !doubt && \
    len(pipe) == 0)

/* ---------------------------------------------------------------- the line */

inline invite_leaves(n) {                                    /* Line._before_invite */
    assert(!silent);                                         /* SILENCE */
    assert(lead == IN_PROGRESS && holder == CELL && serial == n);  /* JOURNAL_FIRST */
    assert(!invited);                                        /* ONCE */
    invited = true
}

/* Nothing refers to an attempt any more: the numbers may start anew. Saves states, no more. */
inline forget_serial() {
    if :: launch == FREE && len(pipe) == 0 && !doubt && lead != IN_PROGRESS -> serial = 0 :: else fi
}

inline not_launched(n) {                                     /* journal.undo, call.sql */
    if
    :: !dead && lead == IN_PROGRESS && holder == CELL && serial == n -> lead = DUE; holder = NOBODY
    :: else
    fi
}

active proctype Line() provided (!OVER) {
    byte e, n;
    do
    :: atomic { pipe?SHUT(e, n) ->                           /* Line._shut_gate, and GateShut */
        gate_epoch = 0; gate_left = 0; COUNT_DOWN(owed); forget_serial() }
    :: atomic { pipe?DIAL(e, n) ->                           /* Line._dial */
        if
#ifdef FAULT_LINE_STALLS_AT_SOCKET
        :: GATE_IS_OPEN(e) && call_epoch == 0 -> goto at_socket
#else
        :: GATE_IS_OPEN(e) && call_epoch == 0 -> invite_leaves(n); call_epoch = e
#endif
        :: else -> not_launched(n)
        fi; forget_serial(); e = 0; n = 0 }
    /* A further datagram of the INVITE: retransmission, credentials, the second trunk. */
    :: atomic { call_epoch != 0 && silent && MAY_REPEAT -> assert(false) }  /* SILENCE */
    :: atomic { call_epoch != 0 ->                           /* Attempt._end, call.sql: end */
        if
        :: dead -> skip                                      /* Line._cell_is_gone */
        :: else -> lead = DONE; holder = NOBODY
        fi; call_epoch = 0 }
    :: atomic { dead && len(pipe) == 0 && gate_epoch != 0 -> gate_epoch = 0; gate_left = 0 }
    od;
#ifdef FAULT_LINE_STALLS_AT_SOCKET
at_socket:
    invite_leaves(n)
#endif
}

/* ---------------------------------------------------------------- the cell */

#define ROOM (nfull(pipe) && (owed == 0 || asked == REVOKED || answer == 0))

inline shut_now() {                                          /* _shut_at */
    if :: lane != NOTHING -> stale = true :: else fi
}

inline silence(e) {                                          /* Cell._silence, Silencer.shut_gate */
    if
    :: running > e                                           /* late news: resumed meanwhile */
    :: else ->
        shut_now();
        if
        :: silencing -> again = (e > again -> e : again)
        :: else -> silencing = true; running = 0; known = false; owed++; pipe!SHUT(0, 0)
        fi
    fi
}

/* Cell._open_gate. Its OpenGate is taken in the same step, once no ShutGate is before it: a line
 * that is late with it is a cell that was late. */
inline open_gate(e) {
    if
    :: MAY_OPEN ->
        running = e; known = told;
        if
        :: age < GATE && !closing -> gate_epoch = e; gate_left = GATE - age
        :: else
        fi
    :: else
    fi
}

inline release() {                                           /* claim.release */
    if :: lead == CLAIMED && holder == CELL -> lead = DUE; holder = NOBODY :: else fi
}

inline connected_anew() {
    lane = NOTHING; asked = RENEW; answer = 0; age = 0; same = false; told = false; stale = false
}

inline launched() {
    launch = FREE; launch_epoch = 0; launch_serial = 0; forget_serial()
}

active proctype Cell() provided (!OVER) {
    byte e;
    do
    /* _renew, _acquire, _acknowledge_revoked; in the code in this order, here in any */
    :: atomic { !dead && !closing && lane == NOTHING ->
        lane = SENT;
        if :: asked = RENEW :: asked = ACQUIRE :: asked = REVOKED fi }
    :: atomic { !dead && lane == HEARD && ROOM ->
#ifdef FAULT_T0_AT_THE_ANSWER
        age = 0;
#endif
        if
        :: asked != REVOKED && answer != 0 && LOST -> silence(running)
        :: asked != REVOKED && answer != 0 && !LOST -> open_gate(answer)
        :: asked == RENEW && answer == 0 && running != 0 -> silence(running)
        :: asked == REVOKED && answer != 0 -> silence(answer)
        :: else
        fi;
        connected_anew() }
    :: atomic { !dead && lane != NOTHING -> connected_anew() }    /* answer_lost */

    :: atomic { !dead && notice != 0 && nfull(pipe) ->       /* _campaign_changed */
        e = notice; notice = 0; silence(e); e = 0 }
    :: atomic { notice != 0 -> notice = 0 }                  /* notice_lost */

    /* _claim, then _prepare: first the journal, ... */
    :: atomic { !dead && !closing && running != 0 && launch == FREE && lead == DUE ->
        lead = CLAIMED; holder = CELL;
        launch = ASKED; launch_epoch = running; launch_serial = (serial + 1) % 3
#ifdef FAULT_DIALLED_BEFORE_JOURNAL
        ; if :: len(pipe) < 2 -> pipe!DIAL(launch_epoch, launch_serial) :: else fi
#endif
        }
    :: atomic { !dead && (launch == WRITTEN || launch == REFUSED) && nfull(pipe) ->
        if
#ifdef FAULT_DIALLED_BEFORE_JOURNAL
        :: launch == WRITTEN
#else
        :: launch == WRITTEN && running == launch_epoch -> pipe!DIAL(running, launch_serial)  /* ... then the wire */
        :: launch == WRITTEN && running != launch_epoch -> not_launched(launch_serial)       /* journalled */
#endif
        :: launch == REFUSED -> release()                    /* Runner.not_journalled */
        fi;
        launched() }
    /* What may have been written is undone, behind the transaction that has the lead locked. */
    :: atomic { !dead && launch == UNKNOWN && LEAD_IS_UNLOCKED ->
        release(); not_launched(launch_serial); launched() }

    :: atomic { !dead && silencing && nfull(pipe) && LAUNCH_IS_OVER ->  /* Silencer._confirm */
        if
        :: LINE_HAS_ANSWERED ->                              /* lifecycle.acknowledge */
            if :: lease != 0 && revoked -> drop_lease(); seal_if_silent() :: else fi
        :: true                     /* the line is late, or the database away: left to the ttl */
        fi;
        silencing = false; shut_now();
        e = again; again = 0;
        if :: e != 0 -> silence(e) :: else fi; e = 0 }

    :: atomic { !dead && !closing ->                         /* cell_dies: kill -9 */
        dead = true;
        if
        :: MAY_LAUNCH -> doubt = true
        :: true
        fi;
        connected_anew(); notice = 0; running = 0; known = false; silencing = false; again = 0;
        owed = 0; launched() }
    od
}

/* ---------------------------------------------------------------- the database */


active proctype Database() provided (!OVER) {
    do
    :: atomic { lane == SENT && !doubt ->                    /* lease.sql */
        if
        :: asked == RENEW -> silent_for = 0; if :: RENEWABLE -> answer = lease :: else fi
        :: asked == ACQUIRE && state == RUNNING && lease == 0 ->
            lease = epoch; answer = epoch; silent_for = 0
        :: asked == REVOKED && revoked -> answer = lease
        :: else
        fi;
        if
        :: answer == 0 && asked != RENEW -> connected_anew()  /* no row: nothing to be heard */
        :: else -> same = known; told = (answer != 0); lane = HEARD
        fi }
    :: atomic { launch == ASKED ->                           /* hold_lease, then call.sql: journal */
        if
        :: MAY_LAUNCH -> lead = IN_PROGRESS; serial = launch_serial; launch = WRITTEN
        :: else -> launch = REFUSED
        fi }
    :: atomic { launch == ASKED || launch == WRITTEN || launch == REFUSED ->  /* answer_lost */
        if
        :: true
        :: MAY_LAUNCH -> doubt = true
        fi;
        launch = UNKNOWN }
    :: atomic { doubt -> lead = IN_PROGRESS; serial = (serial + 1) % 3; doubt = false }
    :: atomic { lane != NOTHING || notice != 0 || doubt || launch == ASKED || launch == WRITTEN ->
        if                                                   /* fail_over */
        :: doubt -> lead = IN_PROGRESS; serial = (serial + 1) % 3
        :: true
        fi;
        doubt = false; notice = 0;
        if :: launch == ASKED || launch == WRITTEN || launch == REFUSED -> launch = UNKNOWN :: else fi;
        connected_anew() }
#ifdef FAULT_ASYNCHRONOUS_STANDBY
    :: atomic { state == PAUSED && lease == 0 ->             /* the pause is not there any more */
        state = RUNNING; epoch = epoch - 2; lease = epoch }
#endif
    /* housekeeping._take_over, by another cell */
    :: atomic { !doubt && IS_SILENT && (lease != 0 || holder == CELL) ->
        if :: !revoked -> drop_lease() :: else fi;
        if
        :: holder == CELL && lead == CLAIMED -> lead = DUE; holder = NOBODY
        :: holder == CELL && lead == IN_PROGRESS -> holder = NOBODY; lead = IN_DOUBT
        :: else
        fi }
    od
}

/* ---------------------------------------------------------------- the other cells */

active proctype Others() provided (!OVER) {
    do
    :: atomic { state == RUNNING && !closing && lead == DUE && LEAD_IS_FREE ->
        lead = IN_PROGRESS; holder = OTHER; serial = (serial + 1) % 3 }
    :: atomic { holder == OTHER ->
        holder = NOBODY;
        if
        :: lead = DUE                                        /* its gate was shut */
        :: assert(!invited); invited = true; lead = DONE     /* ONCE */
        fi }
    od
}

/* ---------------------------------------------------------------- the manager */

active proctype Manager() provided (!OVER) {
    byte n = 0;
    do
    :: n < PAUSES ->
        atomic { state == RUNNING && !doubt ->               /* lifecycle.pause */
            notice = epoch; state = PAUSING; epoch++; waited = 0;
            if :: lease != 0 -> revoked = true :: else fi;
            seal_if_silent() }
        atomic {                                             /* await_confirmation */
            if
            :: state == PAUSED
            :: state == PAUSING && OUTLIVED ->               /* seal_by_expiry */
                drop_lease(); seal_if_silent()
            fi; waited = 0 }
        atomic { state = RUNNING; epoch++; silent = false; n++ }   /* lifecycle.resume */
#ifdef PARTS
    :: n < PAUSES ->
        atomic { state == RUNNING && !doubt ->               /* hold.place */
            notice = epoch; part = true; epoch++; waited = 0;
            if :: lease != 0 -> revoked = true :: else fi;
            seal_if_silent() }
        atomic {                                             /* await_confirmation */
            if
            :: silent
            :: PART_AWAITED && OUTLIVED ->                   /* seal_by_expiry */
                if :: OLD_LEASE -> drop_lease() :: else fi; seal_if_silent()
            fi; waited = 0 }
        atomic { part = false; silent = false; n++ }         /* hold.release */
#endif
    :: n == PAUSES -> break
    od;
    closing = true
}

/* ---------------------------------------------------------------- time, and the judge */

active proctype Clock() provided (!OVER) {
    do
    :: atomic { gate_left > 0 || silent_for < SILENT ||
            (lane != NOTHING && asked != REVOKED && age < GATE) || ((state == PAUSING || PART_AWAITED) && waited < TTL) ->
        COUNT_DOWN(gate_left); COUNT_UP(silent_for, SILENT);
        if :: gate_left == 0 -> gate_epoch = WHEN_IT_RAN_OUT :: else fi;
        if :: lane != NOTHING && asked != REVOKED -> COUNT_UP(age, GATE) :: else fi;
        if :: state == PAUSING || PART_AWAITED -> COUNT_UP(waited, TTL) :: else fi }
    od
}

active proctype Judge() {
    closing && timeout;              /* nobody can do anything any more */
    assert(lead == DUE || lead == IN_DOUBT || lead == DONE);      /* NOTHING_LOST */
    assert(holder == NOBODY)
}
