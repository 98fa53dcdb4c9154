import { amountText, monthText } from '@tidemark/evaluation'
import { isoOf, type Fact } from '@tidemark/model'

/** A fact in a line for people. */
export const factLine = (fact: Fact): string => {
  switch (fact.type) {
    case 'CostRecorded':
      return `${fact.service}: ${amountText(fact.amountMinor, fact.currency)} in ${monthText(fact.monthStartUs)}, through ${isoOf(fact.throughUs)}`
    case 'DeploymentFinished':
      return `${fact.service}: deployment ${fact.deployment} finished at ${isoOf(fact.atUs)}`
    case 'IncidentOpened':
      return `${fact.service}: incident ${fact.incident} opened at ${isoOf(fact.atUs)}`
    case 'IncidentClosed':
      return `${fact.service}: incident ${fact.incident} closed at ${isoOf(fact.atUs)}`
    case 'GovernanceEvidence':
      return `${fact.service}: ${fact.check} ${fact.result}${untilText(fact.untilUs)}`
    case 'BudgetCorrected':
      return `${fact.service}: ${fact.slo} corrected by ${signed(fact.valid)} valid and ${signed(fact.bad)} bad events at ${isoOf(fact.atUs)}`
    case 'AcknowledgementGiven':
      return `${fact.service}: alert ${fact.alertId} ${fact.untilUs === null ? 'acknowledged' : `snoozed${untilText(fact.untilUs)}`}`
    case 'SilenceCreated':
      return `${fact.maintenance ? 'maintenance' : 'silence'} ${fact.id}: ${fact.matchers} from ${isoOf(fact.fromUs)} to ${isoOf(fact.toUs)}`
    case 'SilenceExpired':
      return `silence ${fact.silenceId} ended`
    case 'ConfigurationActivated':
      return `configuration ${fact.configurationId} from ${isoOf(fact.effectiveFromUs)} on`
  }
}

const untilText = (untilUs: number | null): string =>
  untilUs === null ? '' : ` until ${isoOf(untilUs)}`

const signed = (count: number): string => (count < 0 ? `${count}` : `+${count}`)
