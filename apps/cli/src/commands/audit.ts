import { Command } from 'commander'
import type { AuditOptions } from '../actions/audit.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function auditCommand(): Command {
  return new Command('audit')
    .description('Show who did what, and verify that the log is unchanged')
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
}

function listCommand(): Command {
  return addExamples(
    withFilters(new Command('list').alias('ls').description('List audit entries, newest first'))
      .option('-n, --limit <count>', 'entries to show, at most 500', '50')
      .action(async (options: AuditOptions & { limit: string }, command: Command) => {
        const { listAudit } = await import('../actions/audit.ts')
        await inSession(command, (session) => listAudit(options, session))
      }),
    'vesemir audit list --who ada --since 7d',
  )
}

function verifyCommand(): Command {
  return addExamples(
    new Command('verify')
      .description('Verify that no entry is missing or changed; exits with 1 otherwise')
      .action(async (_options: unknown, command: Command) => {
        const { verifyAudit } = await import('../actions/audit.ts')
        await inSession(command, verifyAudit)
      }),
    'vesemir audit verify',
  )
}

function exportCommand(): Command {
  return addExamples(
    withFilters(new Command('export').description('Print audit entries as JSON lines, oldest first')).action(
      async (options: AuditOptions, command: Command) => {
        const { exportAudit } = await import('../actions/audit.ts')
        await inSession(command, (session) => exportAudit(options, session))
      },
    ),
    'vesemir audit export --application payments --since 30d > audit.jsonl',
  )
}

function withFilters(command: Command): Command {
  return command
    .option('--who <name>', 'filter by person')
    .option('--action <name>', 'filter by action, e.g. createDeployment')
    .option('--application <name>', 'filter by application')
    .option('--since <time>', 'filter by time: from then on, e.g. 2026-11-01 or 7d')
    .option('--until <time>', 'filter by time: up to then')
}
