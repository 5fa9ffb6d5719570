import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

const root = join(import.meta.dirname, '../../..')
const docs = join(root, 'docs')

// `vitest run --project unit apps/cli/src/reference.test.ts -u` writes it again.
test('the reference is generated from the commands', async () => {
  const text = [
    '# CLI reference',
    'Generated from the commands. [The command line](cli.md) shows them in use.',
    '## Global options',
    optionTable(createProgram('0.0.0')),
    ...leaves(createProgram('0.0.0')).flatMap((command) => [
      `## \`vesemir ${termOf(command)}\``,
      `${command.description()}.`,
      ...(command.options.length > 0 ? [optionTable(command)] : []),
    ]),
  ].join('\n\n')

  await expect(`${text}\n`).toMatchFileSnapshot(join(docs, 'cli-reference.md'))
})

test('the help of every command has an example, and it is one that the command understands', async () => {
  for (const path of leaves(createProgram('0.0.0')).map(pathOf)) {
    const examples = examplesOf(`\`\`\`sh\n${helpOf(path).replaceAll('  $ ', '')}\n\`\`\``)

    expect({ path, examples }).not.toEqual({ path, examples: [] })
    for (const { words } of examples) expect({ words, isRun: await isRun(words) }).toEqual({ words, isRun: true })
  }
})

test('every command has an example in the documentation', async () => {
  const examples = (await readExamples(['docs/cli.md'])).map(({ words }) => words.join(' '))

  const missing = leaves(createProgram('0.0.0'))
    .map(pathOf)
    .filter((path) => !examples.some((example) => `${example} `.startsWith(`${path} `)))
  expect(missing).toEqual([])
})

test('every example is one that the commands understand', async () => {
  for (const { page, line, words } of await readExamples(await listPages())) {
    expect({ page, line, isRun: await isRun(words) }).toEqual({ page, line, isRun: true })
  }
})

async function isRun(words: readonly string[]): Promise<boolean> {
  const program = createProgram('0.0.0')
  let isRun = false
  for (const command of leaves(program)) command.action(() => void (isRun = true))
  await program.parseAsync(words, { from: 'user' })
  return isRun
}

/** Returns the help of a command such as `apps list`, from the examples on. */
function helpOf(path: string): string {
  const command = leaves(createProgram('0.0.0')).find((leaf) => pathOf(leaf) === path)!
  let help = ''
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp()
  return help.slice(help.indexOf('Examples:'))
}

async function listPages(): Promise<string[]> {
  const inDocs = (await readdir(docs)).map((name) => join('docs', name))
  return ['README.md', 'CONTRIBUTING.md', 'infra/README.md', ...inDocs].filter((name) => name.endsWith('.md'))
}

/** The commands of the examples in some pages, without what the shell makes of the rest of the line. */
async function readExamples(paths: readonly string[]): Promise<{ page: string; line: string; words: string[] }[]> {
  const examples = await Promise.all(
    paths.map(async (page) =>
      examplesOf(await readFile(join(root, page), 'utf8')).map((found) => ({ page, ...found })),
    ),
  )
  return examples.flat()
}

function examplesOf(text: string): { line: string; words: string[] }[] {
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!)
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => {
      const [, command] = /(?:^|<\()vesemir (.*?)(?:\)?\s+#.*|\)|\s+[<>].*)?$/.exec(line) ?? []
      return command === undefined ? [] : [{ line, words: splitWords(command) }]
    })
}

function splitWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

/** The commands that do something, which are those without commands of their own. */
function leaves(command: Command): Command[] {
  if (command.commands.length > 0) return visible(command).flatMap(leaves)
  return [command]
}

function visible(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command)
  return command.commands.filter((inner) => shown.includes(inner))
}

function pathOf(command: Command): string {
  const parent = command.parent?.parent ? `${pathOf(command.parent)} ` : ''
  return `${parent}${command.name()}`
}

function termOf(command: Command): string {
  return [
    pathOf(command),
    ...command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    ),
  ].join(' ')
}

function optionTable(command: Command): string {
  const rows = command.options.map((option) => {
    const { flags, description, mandatory, argChoices, defaultValue } = option
    const notes = [
      ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
      ...(mandatory ? ['required'] : []),
      ...(defaultValue === undefined || typeof defaultValue === 'boolean' ? [] : [`default ${String(defaultValue)}`]),
    ]
    return `| \`${flags}\` | ${[description, ...notes].filter(Boolean).join('; ')} |`
  })
  return ['| option | meaning |', '| --- | --- |', ...rows].join('\n')
}
