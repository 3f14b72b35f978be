using System.Collections.Concurrent;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class RestFuzzTests
{
    private const int Requests = 4_000;
    private const int AtATime = 4;

    /// <summary>Of bodies, in bytes: any that is larger may be too large.</summary>
    private const int SmallestLimit = ChatLimits.MaxFrameBytes;

    [Fact]
    public async Task FuzzedRestRequestsAreAnsweredAndEveryRefusalIsProblem()
    {
        var seed = Scenario.NewSeed();
        TestOutput.WriteLine($"CHASQUI_SEED={seed}");
        await using var server = await FuzzedServer.StartAsync();
        var requests = await RestRequests.ReadAsync(server.Url);
        var answers = new ConcurrentDictionary<int, int>();
        var next = -1;

        await Parallel.ForAsync(0, AtATime, async (_, found) =>
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            RestCaller? caller = null;
            while (Interlocked.Increment(ref next) is var number && number < Requests && !found.IsCancellationRequested)
            {
                caller ??= await RestCaller.RegisterAsync(server.Api);
                using var request = requests.Write(new Random(unchecked((seed * 1_000_003) + number)), caller);
                var what = $"CHASQUI_SEED={seed}, request {number}: {request}";
                var status = await AskAsync(http, request, what, found);
                answers.AddOrUpdate(status, 1, (_, count) => count + 1);
                // Some of what is asked ends tokens.
                caller = status == 401 ? null : caller;
            }
        });

        TestOutput.WriteLine(string.Join(", ", answers.OrderBy(each => each.Key).Select(each => $"{each.Value} x {each.Key}")));
        Assert.True(answers.ContainsKey(200));
        await server.StopAsync();
    }

    /// <returns>The status; 0 when the server hung up on a body that it does not read.</returns>
    private static async Task<int> AskAsync(HttpClient http, HttpRequestMessage request, string what, CancellationToken found)
    {
        var mayBeTooLarge = request.Content?.Headers.ContentLength > SmallestLimit;
        // Where such a body is refused for something else, the web server hangs up behind its answer without saying so.
        request.Headers.ConnectionClose = mayBeTooLarge;
        try
        {
            using var answer = await http.SendAsync(request, found);
            await RequireProblemAsync(answer, what);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException e)
        {
            return mayBeTooLarge ? 0 : throw new FindingException(what, e);
        }
    }

    private static async Task RequireProblemAsync(HttpResponseMessage answer, string request)
    {
        var (status, text) = ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        if (status < 400)
        {
            return;
        }

        // What the web server itself refuses, unread, has no body, and closes the connection.
        if (status < 500 && text.Length == 0 && answer.Headers.ConnectionClose == true)
        {
            return;
        }

        Assert.True(status < 500, $"{request}\n{status} {text}");
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{request}\n{status} {text}");
        using var problem = JsonDocument.Parse(text);
        Assert.True(problem.RootElement.TryGetProperty("code", out _) && problem.RootElement.TryGetProperty("message", out _), text);
    }
}
