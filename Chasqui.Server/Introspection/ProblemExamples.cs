using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Introspection;

/// <summary>What refusals look like.</summary>
internal static class ProblemExamples
{
    public static JsonNode Of(string code, JsonSerializerOptions options) =>
        JsonSerializer.SerializeToNode(Refusal.Of(code).ProblemDetails, options)!;
}
