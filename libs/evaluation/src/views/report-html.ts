import { healthStatuses, isoOf } from '@tidemark/model'
import { amountText, countText, minuteText, spanText } from '../format.ts'
import type { PlatformReport } from '../platform.ts'
import { alertSummarySection, periodAlertsSection } from './sections/period.ts'
import { isUnanswered } from './alert-history.ts'
import { averageReliability } from './averages.ts'
import { statusSpans, type Digest, type ServiceHistory } from './digest.ts'
import { diffHeadline, diffSections } from './diff-text.ts'
import { budgetMeter, burnChart, latencyChart, statusStrip, summaryBar } from './html/charts.ts'
import { markup, nothing, type Html } from './html/markup.ts'
import { page } from './html/page.ts'
import { sectionHtml, tableHtml } from './html/section-html.ts'
import { headline, ignoredLines } from './report-text.ts'
import type { Section } from './section.ts'
import { sloStanding } from '../slo/slo-standing.ts'
import { alertsSection } from './sections/alerts.ts'
import { costsSection } from './sections/costs.ts'
import { allObjectivesSection, objectivesOf } from './sections/objectives.ts'
import { governanceSection, reliabilitySection, standingSection } from './sections/scorecards.ts'
import { servicesSection, unregisteredNote } from './sections/services.ts'
import { hourOf, hourUs } from './slo-figures.ts'

const servicesMax = 100
const rowsMax = 50

/**
 * A report with what led to it as one HTML file: nothing in it comes from elsewhere and all text is escaped. The same digest gives the same
 * bytes.
 */
export const reportHtml = (digest: Digest): string => {
  const { report } = digest
  return page(
    headline(report),
    markup`${headerHtml(digest)}${tilesHtml(digest)}${changesHtml(digest)}${servicesHtml(digest)}${objectivesHtml(digest)}${alertsHtml(digest)}${cardsHtml(report)}${footerHtml(report)}`,
  )
}

const headerHtml = ({ report, fromUs }: Digest): Html => markup`<header>
<h1>Platform</h1><span class="pill ${report.overallHealth}">${report.overallHealth}</span>
<span class="soft">as of ${minuteText(report.asOfUs)} UTC, looking back ${spanText(report.asOfUs - fromUs)} to ${minuteText(fromUs)}</span>
</header>
`

const tile = (label: string, value: Html | string, more: Html = nothing): Html =>
  markup`<div class="tile"><span>${label}</span><b>${value}</b>${more}</div>
`

const ofText = (text: string): Html => markup` <span class="of">${text}</span>`

const tilesHtml = ({ report, alerts }: Digest): Html => {
  const { totals, summary } = report
  const counts = healthStatuses.map((status) => [status, summary[status]] as const)
  const present = counts.filter(([, count]) => count > 0)
  const average = averageReliability(totals)
  const unanswered = alerts.filter(isUnanswered).length
  const words = present.map(([status, count]) => `${countText(count)} ${status}`).join(', ')
  return markup`<div class="tiles">
${tile('Services', countText(report.serviceCount), markup`<span>${words === '' ? 'none' : words}</span>${summaryBar(present)}`)}${tile(
    'Alerts firing',
    countText(report.alertCount),
    markup`<span>${countText(unanswered)} unanswered; ${countText(alerts.length)} in this time</span>`,
  )}${tile(
    'Objectives met',
    totals.slosJudged === 0
      ? 'none judged'
      : markup`${countText(totals.slosJudged - totals.slosMissed)}${ofText(`of ${countText(totals.slosJudged)}`)}`,
  )}${tile(
    'Cost of the month',
    totals.costs.length === 0
      ? 'not recorded'
      : totals.costs
          .map(
            ({ amountMinor, currency }) => markup`<div>${amountText(amountMinor, currency)}</div>`,
          )
          .reduce((all, each) => markup`${all}${each}`),
    totals.overBudget === 0
      ? nothing
      : markup`<span class="bad">${countText(totals.overBudget)} over budget</span>`,
  )}${tile(
    'Reliability',
    average === null ? 'no evidence' : markup`${average}${ofText('of 100')}`,
    average === null
      ? nothing
      : markup`<span>average of ${countText(totals.reliabilityCount)}</span>`,
  )}${tile('Governance', countText(totals.governanceFailures), markup`<span>not compliant</span>`)}</div>
`
}

const changesHtml = ({ diff, fromUs }: Digest): Html => {
  if (diff === null)
    return markup`<section id="changes"><h2>What changed</h2>
<p class="soft">Nothing was judged at ${isoOf(fromUs)}: there is nothing to compare with.</p></section>
`
  const sections = diffSections(diff)
  return markup`<section id="changes"><h2>What changed</h2>
<p class="soft">${diffHeadline(diff)}</p>
${sections.length === 0 ? markup`<p>Nothing.</p>` : markup`<div class="changes">${sections.map((section) => markup`<div><h3>${section.title}</h3>${tableHtml(section)}</div>`)}</div>`}
</section>
`
}

const servicesHtml = ({ report, services, fromUs }: Digest): Html => {
  const section = withoutColumns(servicesSection(report, servicesMax), chartsInsteadOf)
  const { asOfUs } = report
  const historyOf = historiesIn(services)
  const nameAt = (at: number): string => report.services[at]?.service ?? ''
  const spansOf = (at: number) => statusSpans(historyOf(nameAt(at))?.statuses ?? [], fromUs, asOfUs)
  const charts = [
    { title: 'STATUS OVER TIME', chart: (at: number) => statusStrip(spansOf(at), fromUs, asOfUs) },
    {
      title: 'P99 BY THE HOUR',
      chart: (at: number) => latencyChart(historyOf(nameAt(at))?.latencies ?? [], fromUs, asOfUs),
    },
  ]
  const note = unregisteredNote(report.services)
  return sectionHtml(
    section,
    services.length === 0 ? [] : charts,
    markup`${note === null ? nothing : markup`<p class="soft">${note}</p>`}${legend}${ignoredLines(report).map((line) => markup`<p class="soft">${line}</p>`)}`,
  )
}

/** Columns that the charts leave no room for. */
const chartsInsteadOf = ['P50', 'REQUESTS']

const withoutColumns = (section: Section, titles: readonly string[]): Section => {
  const isShown = (at: number): boolean => !titles.includes(section.columns[at]?.title ?? '')
  return {
    ...section,
    columns: section.columns.filter((_, at) => isShown(at)),
    rows: section.rows.map((row) => row.filter((_, at) => isShown(at))),
  }
}

const legend = markup`<p class="legend">${healthStatuses.map((status) => markup`<i class="${status}"></i>${status}`)}</p>`

const historiesIn = (
  services: readonly ServiceHistory[],
): ((service: string) => ServiceHistory | undefined) => {
  const byName = new Map(services.map((history) => [history.service, history]))
  return (service) => byName.get(service)
}

const objectivesHtml = ({ report, services, fromUs }: Digest): Html => {
  const objectives = allObjectivesSection(report, servicesMax)
  if (objectives.rows.length === 0) return nothing
  const historyOf = historiesIn(services)
  const shown = objectivesOf(report.services).filter(({ state }) => state.counts.valid > 0)
  const lastHourUs = hourOf(report.asOfUs)
  const count = Math.max(1, Math.ceil((lastHourUs + hourUs - fromUs) / hourUs))
  const hoursOf = (at: number) => {
    const objective = shown[at]
    const own = (historyOf(objective?.service ?? '')?.objectives ?? []).filter(
      ({ objectiveId }) => objectiveId === objective?.state.objectiveId,
    )
    const byStart = new Map(own.map((hour) => [hour.hourStartUs, hour]))
    return Array.from({ length: count }, (_, back) => {
      const { valid = 0, bad = 0 } = byStart.get(lastHourUs - (count - 1 - back) * hourUs) ?? {}
      return { valid, bad }
    })
  }
  const charts = [
    {
      title: 'BUDGET',
      chart: (at: number) => {
        const state = shown[at]?.state
        if (state === undefined) return nothing
        const { budgetRemainingPpm } = sloStanding(state.counts, state.targetPpm)
        return budgetMeter(budgetRemainingPpm, 'budget')
      },
    },
    {
      title: 'BURN BY THE HOUR',
      chart: (at: number) => burnChart(hoursOf(at), shown[at]?.state.targetPpm ?? 0, lastHourUs),
    },
  ]
  return sectionHtml(objectives, charts)
}

const alertsHtml = ({ report, alerts, fromUs }: Digest): Html =>
  markup`${sectionHtml(alertsSection(report, rowsMax))}${
    alerts.length === 0
      ? nothing
      : markup`<section id="alerts-of-the-time">
<h2>Alerts since ${minuteText(fromUs)}</h2>
${tableHtml(alertSummarySection(alerts, fromUs, report.asOfUs))}
<h3>${periodAlertsSection(alerts, rowsMax).title}</h3>
${tableHtml(periodAlertsSection(alerts, rowsMax))}</section>
`
  }`

const cardsHtml = (report: PlatformReport): Html => {
  const { totals, services } = report
  return markup`${totals.costs.length > 0 ? sectionHtml(costsSection(report, rowsMax)) : nothing}${
    totals.reliabilityCount > 0 ? sectionHtml(reliabilitySection(report, rowsMax)) : nothing
  }${
    services.some(({ governance }) => governance !== null)
      ? sectionHtml(governanceSection(report, rowsMax))
      : nothing
  }${
    services.some(({ standing }) => standing.status !== 'healthy')
      ? sectionHtml(standingSection(report, rowsMax))
      : nothing
  }`
}

const footerHtml = ({ positions, asOfUs }: PlatformReport): Html => {
  const places = positions
    .map(({ topic, partition, position }) => `${topic}/${partition}@${position}`)
    .join(' ')
  return markup`<footer>
<p>As of ${isoOf(asOfUs)}, from the records below ${places === '' ? 'no position' : markup`<code>${places}</code>`}. Computed again from them, this report is the same.</p>
</footer>`
}
