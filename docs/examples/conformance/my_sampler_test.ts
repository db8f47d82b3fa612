// my_sampler_test.ts
import { conformance } from "ulaspec/testing";
import mySampler from "./my_sampler.ts";

conformance(mySampler);
