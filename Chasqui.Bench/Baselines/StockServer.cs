using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Bench.Baselines;

/// <summary>A chat as SignalR's own tutorial has it: a hub, a group for each room, the JSON protocol. It stores nothing.</summary>
internal static class StockServer
{
    public static WebApplication Build(string url)
    {
        var builder = BaselineHost.Create(url);
        builder.Services.AddSignalR().AddJsonProtocol(options =>
        {
            options.PayloadSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, StockJson.Default);
        });
        var app = builder.Build();
        app.MapHub<StockHub>("/hub");
        return app;
    }
}

internal sealed class StockHub : Hub
{
    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    public async Task<StockAck> Say(StockFrame frame)
    {
        var message = new StockMessage(
            "msg:" + Guid.CreateVersion7(), frame.ConversationId, Context.ConnectionId, frame.Content, "text", DateTimeOffset.UtcNow);
        await Clients.Group(frame.ConversationId).SendAsync("NewMessage", message);
        return new StockAck(message.Id, message.ConversationId, message.CreatedAt);
    }
}
