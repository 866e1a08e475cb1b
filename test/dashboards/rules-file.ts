import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The rules that ship. */
export const RULES_FILE = 'dashboards/meshwatch.rules.yaml'

export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

export interface Alert extends Rule {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export function readRules(): RuleGroups {
  return parse(readFileSync(RULES_FILE, 'utf8'))
}

export function rulesOf({ groups }: RuleGroups): readonly Rule[] {
  return groups.flatMap(({ rules }) => rules)
}

export function alertsOf(groups: RuleGroups): readonly Alert[] {
  return rulesOf(groups).filter((rule): rule is Alert => rule.alert !== undefined)
}
