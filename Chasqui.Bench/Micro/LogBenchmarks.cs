using System.Globalization;
using BenchmarkDotNet.Attributes;
using Chasqui.Bench.Servers;
using Chasqui.Protocol;
using Chasqui.Server.Conversations;
using Chasqui.Server.Hosting;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Bench.Micro;

/// <summary>Appending to the log of a server without other clients, each message on disk when it is counted.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private static readonly string Content = new('x', 100);

    private TemporaryFolder _data = null!;
    private WebApplication _server = null!;
    private MessageLog _log = null!;
    private Draft _draft;
    private long _number;

    /// <summary>Messages that are under way together, and may share a commit.</summary>
    [Params(1, 100)]
    public int Together { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _data = new TemporaryFolder();
        _server = ChatServer.Build([
            "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", _data.Path, "--Logging:LogLevel:Default", "Warning",
            .. ChasquiCommand.ForLoad.SelectMany(setting => new[] { "--" + setting.Key, setting.Value }),
        ]);
        await _server.StartAsync();
        using var api = new ChasquiApi(new Uri(_server.Urls.First()));
        var person = (await api.RegisterAsync(1, CancellationToken.None))[0];
        var user = new UserId(Guid.Parse(person.Id["user:".Length..]));
        var group = await _server.Services.GetRequiredService<ConversationStore>().OpenGroupAsync(user, [], "Bench");
        _log = _server.Services.GetRequiredService<MessageLog>();
        _draft = new Draft(group!.Id, user, Content, ClientMessageId: null);
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        _data.Dispose();
    }

    [Benchmark]
    public Task Append() => Task.WhenAll(Enumerable.Range(0, Together).Select(_ =>
        _log.AppendAsync(_draft with { ClientMessageId = (_number++).ToString(CultureInfo.InvariantCulture) })));
}
