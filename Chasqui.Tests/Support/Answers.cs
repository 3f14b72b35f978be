using System.Text.Json.Nodes;

namespace Chasqui.Tests.Support;

public static class Answers
{
    /// <summary>The JSON body of an answer that has to have this status.</summary>
    public static async Task<JsonNode> ReadAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"Expected {status}, got {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Checks that an answer is a refusal as the contract has it, and gives its body.</summary>
    public static async Task<JsonNode> ReadProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var problem = await response.ReadAsync(status);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem["code"]?.GetValue<string>());
        Assert.Equal(status, problem["status"]?.GetValue<int>());
        Assert.NotNull(problem["type"]);
        Assert.NotNull(problem["title"]);
        Assert.False(string.IsNullOrEmpty(problem["detail"]?.GetValue<string>()));
        Assert.Equal(problem["detail"]!.GetValue<string>(), problem["message"]?.GetValue<string>());
        return problem;
    }
}
