// The stubs have no typings for the service definition itself.
import type { ServiceDefinition } from "@grpc/grpc-js";
import * as stubs from "@pulumi/pulumi/proto/language_grpc_pb";

export const LanguageRuntimeService = (stubs as unknown as { LanguageRuntimeService: ServiceDefinition })
  .LanguageRuntimeService;
