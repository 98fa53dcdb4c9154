#!/usr/bin/env node
import { main } from '@tidemark/assembly'
import { aggregator } from './index.ts'

void main(aggregator, process)
