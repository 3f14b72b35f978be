using System.Diagnostics;
using System.Net.Http.Headers;
using Chasqui.Bench.Clients;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Scenarios;

internal sealed class HistoryScenario()
    : Scenario("history", "Pages of fifty messages: the newest, one a hundred thousand messages deep, and the same bytes from a bare endpoint")
{
    private const int Depth = 100_000;
    private const int Page = 50;
    private const int Readers = 16;

    public override async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var targets = new Disposables<Target>();
        var turns = new List<(string, Func<bool, Task>)>();
        byte[] page = [];
        foreach (var (name, command) in bench.Builds(bench.Options.Server))
        {
            bench.Say($"{name}: storing {Depth} messages");
            var data = new TemporaryFolder();
            var (token, conversation) = await FillAsync(command, data, cancellationToken);
            var chasqui = await ChasquiTarget.StartAsync(command, data, cancellationToken, name, ownsData: true);
            targets.Items.Add(chasqui);
            var history = $"/api/conversations/{conversation}/messages?limit={Page}";
            var newest = new Uri(chasqui.Server.Url, history);
            var deep = new Uri(chasqui.Server.Url, $"{history}&before={Page + 1}");
            page = await GetAsync(newest, token);
            turns.Add(($"{name}, first page", counts => RoundAsync(bench, "first page", chasqui, newest, token, counts, cancellationToken)));
            turns.Add(($"{name}, deep page", counts => RoundAsync(bench, "deep page", chasqui, deep, token, counts, cancellationToken)));
        }

        var bare = await BaselineTarget.StartBareAsync(cancellationToken);
        targets.Items.Add(bare);
        var same = new Uri(bare.Server.Url, "/page");
        await PutAsync(same, page, cancellationToken);
        turns.Add(("bare", counts => RoundAsync(bench, "first page", bare, same, token: null, counts, cancellationToken)));
        await bench.TakeTurnsAsync(turns);
    }

    private static async Task<(string Token, string Conversation)> FillAsync(
        ChasquiCommand command, TemporaryFolder data, CancellationToken cancellationToken)
    {
        string conversation;
        Person[] people;
        await using (var chasqui = await ChasquiTarget.StartAsync(command, data, cancellationToken))
        {
            people = await chasqui.Api.RegisterAsync(2, cancellationToken);
            conversation = await chasqui.Api.OpenGroupAsync(people, cancellationToken);
        }

        await MessageFile.FillAsync(data.Path, conversation, Depth);
        return (people[0].Token, conversation);
    }

    private static async Task RoundAsync(
        Bench bench, string page, Target target, Uri address, string? token, bool counts, CancellationToken cancellationToken)
    {
        var cost = await Bench.MeasureAsync(target.Server, async () =>
        {
            var started = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(
                async () =>
                {
                    using var reader = new HttpConnection(address, token);
                    var count = 0L;
                    while (Stopwatch.GetElapsedTime(started) < bench.Duration(counts))
                    {
                        await reader.GetAsync(cancellationToken);
                        count++;
                    }

                    return count;
                },
                cancellationToken)));
            return answers.Sum();
        });
        if (counts)
        {
            bench.Add($"{page}: requests a second", "", target.Name, cost.PerSecond);
            cost.AddTo((figure, unit, value) => bench.Add($"{page}: {figure}", unit, target.Name, value), "request");
        }
    }

    private static async Task<byte[]> GetAsync(Uri address, string token)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetByteArrayAsync(address);
    }

    private static async Task PutAsync(Uri address, byte[] page, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(page);
        using var answer = await http.PutAsync(address, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
