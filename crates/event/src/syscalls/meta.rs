//! Not syscalls: scheduler, containers, users, plugins, async events and notices.

use crate::symbols::PF_FLAGS;

use super::events;

events! {
    146 SCHEDSWITCH_1_E "switch" Scheduler Tracepoint [SKIP_PARSE_RESET OLD_VERSION CONVERTER_MANAGED] (
        "next": Pid Dec,
    );
    147 SCHEDSWITCH_1_X "NA" Unknown Nothing [UNUSED] ();
    148 DROP_E "drop" Internal Meta [SKIP_PARSE_RESET] ("ratio": Uint32 Dec);
    149 DROP_X "drop" Internal Meta [SKIP_PARSE_RESET] ("ratio": Uint32 Dec);
    152 SCHEDSWITCH_6_E "switch" Scheduler Tracepoint [] (
        "next": Pid Dec,
        "pgft_maj": Uint64 Dec,
        "pgft_min": Uint64 Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
    );
    153 SCHEDSWITCH_6_X "NA" Unknown Nothing [UNUSED] ();
    196 SCAPEVENT_E "scapevent" Internal Meta [SKIP_PARSE_RESET] (
        "event_type": Uint32 Dec,
        "event_data": Uint64 Dec,
    );
    197 SCAPEVENT_X "NA" Unknown Nothing [UNUSED] ();
    228 CONTAINER_E "container" Internal Meta [MODIFIES_STATE SKIP_PARSE_RESET OLD_VERSION CONVERTER_MANAGED] (
        "id": CharBuf Na,
        "type": Uint32 Dec,
        "name": CharBuf Na,
        "image": CharBuf Na,
    );
    229 CONTAINER_X "NA" Unknown Nothing [UNUSED] ();
    234 PROCINFO_E "procinfo" Internal Meta [SKIP_PARSE_RESET] (
        "cpu_usr": Uint64 Dec,
        "cpu_sys": Uint64 Dec,
    );
    235 PROCINFO_X "NA" Unknown Nothing [UNUSED] ();
    244 CPU_HOTPLUG_E "cpu_hotplug" System Meta [MODIFIES_STATE SKIP_PARSE_RESET] (
        "cpu": Uint32 Dec,
        "action": Uint32 Dec,
    );
    245 CPU_HOTPLUG_X "NA" Unknown Nothing [UNUSED] ();
    260 K8S_E "k8s" Internal Meta [MODIFIES_STATE SKIP_PARSE_RESET OLD_VERSION] (
        "json": CharBuf Na,
    );
    261 K8S_X "NA" Unknown Nothing [UNUSED] ();
    268 TRACER_E "tracer" Other Meta [OLD_VERSION] (
        "id": Int64 Dec,
        "tags": CharBufArray Na,
        "args": CharBufPairArray Na,
    );
    269 TRACER_X "NA" Unknown Nothing [UNUSED] (
        "id": Int64 Dec,
        "tags": CharBufArray Na,
        "args": CharBufPairArray Na,
    );
    270 MESOS_E "mesos" Internal Meta [MODIFIES_STATE SKIP_PARSE_RESET OLD_VERSION] (
        "json": CharBuf Na,
    );
    271 MESOS_X "NA" Unknown Nothing [UNUSED] ();
    272 CONTAINER_JSON_E "container" Process Meta [MODIFIES_STATE OLD_VERSION CONVERTER_MANAGED] (
        "json": CharBuf Na,
    );
    273 CONTAINER_JSON_X "NA" Unknown Nothing [UNUSED] ();
    280 NOTIFICATION_E "notification" Other Meta [SKIP_PARSE_RESET] (
        "id": CharBuf Dec,
        "desc": CharBuf Na,
    );
    281 NOTIFICATION_X "NA" Unknown Nothing [UNUSED] ();
    286 INFRASTRUCTURE_EVENT_E "infra" Internal Meta [SKIP_PARSE_RESET] (
        "source": CharBuf Dec,
        "name": CharBuf Na,
        "description": CharBuf Na,
        "scope": CharBuf Na,
    );
    287 INFRASTRUCTURE_EVENT_X "NA" Unknown Nothing [UNUSED] ();
    290 PAGE_FAULT_E "page_fault" Other Tracepoint [SKIP_PARSE_RESET] (
        "addr": Uint64 Hex,
        "ip": Uint64 Hex,
        "error": Flags32 Hex Detail::Symbols(PF_FLAGS),
    );
    291 PAGE_FAULT_X "NA" Unknown Nothing [UNUSED] ();
    322 PLUGINEVENT_E "pluginevent" Other Plugin [LARGE_PAYLOAD] (
        "plugin_id": Uint32 Dec,
        "event_data": ByteBuf Na,
    );
    323 PLUGINEVENT_X "NA" Unknown Nothing [UNUSED] ();
    324 CONTAINER_JSON_2_E "container" Process Meta [MODIFIES_STATE LARGE_PAYLOAD] (
        "json": CharBuf Na,
    );
    325 CONTAINER_JSON_2_X "NA" Unknown Nothing [UNUSED] ();
    354 USER_ADDED_E "useradded" Process Meta [MODIFIES_STATE] (
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "name": CharBuf Na,
        "home": CharBuf Na,
        "shell": CharBuf Na,
        "container_id": CharBuf Na,
    );
    355 USER_ADDED_X "NA" Unknown Nothing [UNUSED] ();
    356 USER_DELETED_E "userdeleted" Process Meta [MODIFIES_STATE] (
        "uid": Uint32 Dec,
        "gid": Uint32 Dec,
        "name": CharBuf Na,
        "home": CharBuf Na,
        "shell": CharBuf Na,
        "container_id": CharBuf Na,
    );
    357 USER_DELETED_X "NA" Unknown Nothing [UNUSED] ();
    358 GROUP_ADDED_E "groupadded" Process Meta [MODIFIES_STATE] (
        "gid": Uint32 Dec,
        "name": CharBuf Na,
        "container_id": CharBuf Na,
    );
    359 GROUP_ADDED_X "NA" Unknown Nothing [UNUSED] ();
    360 GROUP_DELETED_E "groupdeleted" Process Meta [MODIFIES_STATE] (
        "gid": Uint32 Dec,
        "name": CharBuf Na,
        "container_id": CharBuf Na,
    );
    361 GROUP_DELETED_X "NA" Unknown Nothing [UNUSED] ();
    402 ASYNCEVENT_E "asyncevent" Other Meta [LARGE_PAYLOAD] (
        "plugin_id": Uint32 Dec,
        "name": CharBuf Na,
        "data": ByteBuf Na,
    );
    403 ASYNCEVENT_X "NA" Unknown Nothing [UNUSED] ();
}
