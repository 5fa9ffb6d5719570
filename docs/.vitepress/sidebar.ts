import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Group {
  text: string
  collapsed?: boolean
  items: { text: string; link: string }[]
}

/** The pages, by what their readers want to do. */
export const sidebar: Group[] = [
  group('Start', { 'What Vesemir is': 'index', 'Start in five minutes': 'start', 'Install on Debian': 'install' }),
  group('Concepts', {
    Concepts: 'concepts',
    Terms: 'glossary',
    Architecture: 'architecture',
    'What it withstands': 'reliability',
  }),
  group('How to', {
    'Deploy the first application': 'how-to/first-application',
    'Deploy to a canary first': 'how-to/canary',
    'Migrate a database': 'how-to/migrate',
    'Bring new machines up to date': 'how-to/new-machines',
    'Let new machines ask for their version': 'how-to/booting-machines',
    'Roll back': 'how-to/rollback',
    'Retry failed hosts': 'how-to/retry',
    'Freeze deployments': 'how-to/freeze',
    'Show a badge': 'how-to/badge',
    'Move to another installation': 'how-to/move',
    'Deploy from CI': 'ci',
    'Find machines': 'inventory',
    'Reach machines by SSH': 'ssh',
    'Set up HAProxy': 'haproxy',
    'Install a version': 'changesets',
    'Set variables': 'variables',
    'Use secrets': 'secrets',
    'Notify people': 'notifications',
    'Use the web page': 'page',
    'See the web page': 'page-pictures',
    'Extend Vesemir': 'extending',
  }),
  group('Reference', {
    'The command line': 'cli',
    'All commands': 'cli-reference',
    'Settings of an application': 'application',
    'Settings of API, worker and CLI': 'settings',
    'The API': 'api',
    'Error codes': 'errors',
  }),
  group('Troubleshoot', { 'By error code': 'troubleshooting' }),
  group('Moving from', { Ansible: 'moving/ansible', Capistrano: 'moving/capistrano', CodeDeploy: 'moving/codedeploy' }),
  group('Operate', {
    Monitor: 'monitoring',
    Scale: 'scaling',
    Secure: 'security',
    'Archive and back up': 'backup',
    'Serve behind a reverse proxy': 'reverse-proxy',
    'Run in containers': 'containers',
    Upgrade: 'upgrading',
    Measurements: 'performance',
  }),
  { text: 'Decisions', collapsed: true, items: decisions() },
]

function group(text: string, pages: Record<string, string>): Group {
  return { text, items: Object.entries(pages).map(([title, page]) => ({ text: title, link: `/${page}` })) }
}

function decisions(): Group['items'] {
  const folder = join(import.meta.dirname, '../decisions')
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const [, title = name] = /^# (.+)$/m.exec(readFileSync(join(folder, name), 'utf8')) ?? []
      return { text: title, link: `/decisions/${name.replace('.md', '')}` }
    })
}
