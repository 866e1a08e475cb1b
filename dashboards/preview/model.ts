/** What a preview reads of a dashboard in Grafana's classic schema. */
export interface PreviewDashboard {
  readonly title: string
  readonly panels: readonly PreviewPanel[]
}

export interface PreviewPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly legendFormat?: string }[]
  /** Of a row that is folded. */
  readonly panels?: readonly PreviewPanel[]
  readonly transformations?: readonly { readonly options: TableColumns }[]
  readonly options?: {
    readonly graphMode?: string
    readonly sortBy?: readonly { readonly displayName?: string; readonly desc?: boolean }[]
  }
  readonly fieldConfig?: FieldConfig
}

export interface TableColumns {
  readonly indexByName: Readonly<Record<string, number>>
  readonly renameByName: Readonly<Record<string, string>>
}

export interface FieldConfig {
  readonly defaults: {
    readonly unit?: string
    readonly noValue?: string
    readonly thresholds?: Thresholds
    readonly mappings?: readonly {
      readonly type: string
      readonly options: Readonly<Record<string, Mapped>>
    }[]
    readonly custom?: { readonly drawStyle?: string; readonly thresholdsStyle?: { readonly mode: string } }
  }
  readonly overrides: readonly {
    readonly matcher: { readonly options?: string }
    readonly properties: readonly { readonly id: string; readonly value?: unknown }[]
  }[]
}

export interface Thresholds {
  readonly steps: readonly { readonly color: string; readonly value: number | null }[]
}

export interface Mapped {
  readonly text?: string
  readonly color?: string
}

/** One series of Prometheus' answer: seconds since the epoch, and the value as text. */
export interface AnsweredSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

/** By `${panelId}/${refId}`. */
export type Answers = ReadonlyMap<string, readonly AnsweredSeries[]>
