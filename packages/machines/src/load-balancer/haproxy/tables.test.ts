import { describe, expect, test } from 'vitest'
import { parseSessions, parseStates, parseStats } from './tables.ts'

describe('the table of server states', () => {
  test.for([
    [
      '2.0',
      'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord',
      '3 app 2 web-1 192.0.2.1 2 8 50 100 7 6 3 4 6 0 0 0 - 8080 -',
    ],
    [
      '3.2',
      'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port',
      '3 app 2 web-1 192.0.2.1 2 8 50 100 7 6 3 4 6 0 0 0 - 8080 - 0 0 - - 0',
    ],
  ] as const)('is read as HAProxy %s writes it', ([, header, row]) => {
    expect(parseStates(`1\n# ${header}\n${row}`)).toEqual([
      {
        backendId: '3',
        serverId: '2',
        backend: 'app',
        server: 'web-1',
        address: '192.0.2.1',
        fqdn: '',
        port: 8080,
        opState: 2,
        adminState: 8,
        weight: 50,
        initialWeight: 100,
        checkState: 6,
        checkHealth: 4,
        agentState: 0,
      },
    ])
  })

  test('is read of servers with some names alone', () => {
    const table = `1
# be_id be_name srv_id srv_name srv_addr
3 app 1 web-1 192.0.2.1
3 app 2 web-11 192.0.2.2
3 app 3 web-2 web-1.example`

    expect(parseStates(table, ['web-1', 'web-2']).map(({ server }) => server)).toEqual(['web-1', 'web-2'])
  })

  test('of a backend without servers is empty', () => {
    expect(parseStates('1\n# be_id be_name srv_id srv_name')).toEqual([])
  })
})

describe('statistics', () => {
  const header = '# pxname,svname,qcur,scur,bck,tracked,type,last_chk,algo,'

  test('tell servers from their backend by type, not by name', () => {
    const rows = parseStats(`${header}\napp,BACKEND,2,3,1,,2,,,\napp,BACKEND,0,9,1,,1,,roundrobin,`)

    expect(rows).toMatchObject([
      { isServer: true, sessions: 5, isBackup: true, algorithm: undefined },
      { isServer: false, algorithm: 'roundrobin' },
    ])
  })

  test('hold whatever a health check said', () => {
    const said = '"HTTP ""no"", {""a"":1}\n# pxname,x"'
    const rows = parseStats(`${header}\napp,web-1,0,1,0,app/web-2,2,${said},,\napp,web-2,0,2,0,,2,,,`)

    expect(rows).toMatchObject([
      { server: 'web-1', sessions: 1, follows: 'app/web-2', algorithm: undefined },
      { server: 'web-2', sessions: 2, follows: undefined },
    ])
  })
})

test.for([
  ['L7STS,503', 'L7STS 503'],
  ['* L4OK,', 'L4OK'],
  [',', ''],
] as const)('the last check %j is read as %j, also while the next one is under way', ([columns, lastCheck]) => {
  const [row] = parseStats(`# pxname,svname,type,check_status,check_code,\napp,web-1,2,${columns},`)

  expect(row).toMatchObject({ lastCheck })
})

test('sessions are read with their servers, without those of the command line', () => {
  const answer = `0x55c916cf71e0: proto=tcpv4 src=127.0.0.1:55320 fe=in be=app srv=web-1 ts=00 age=3s calls=4
0x55c916cf71e1: proto=tcpv4 src=127.0.0.1:55321 fe=in be=<NONE> srv=<none> ts=00 age=3s calls=4
0x55c916cf2c80: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 age=2s calls=1`

  expect(parseSessions(answer)).toEqual([
    { backend: 'app', server: 'web-1', isServer: true, sessions: 1 },
    { backend: '<NONE>', server: '<none>', isServer: false, sessions: 1 },
  ])
})
